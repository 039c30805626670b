import { z } from 'zod';
import { defineFeature } from '../contract/define-feature.js';
import { packagedDirectory } from '../packaged-files.js';

/** Packages, time zone and locale that every guest should have. */
export const baseSetup = defineFeature({
  name: 'base_setup',
  version: '1.0.0',
  description: 'Installs packages and sets time zone and locale.',
  options: z.strictObject({
    packages: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9.+:-]*$/))
      .default(['ca-certificates', 'curl'])
      .describe('Packages of the distribution to install.'),
    timezone: z
      .string()
      .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/)
      .optional()
      .describe('Time zone as in /usr/share/zoneinfo, e.g. Europe/Berlin.'),
    locale: z
      .string()
      .regex(/^[A-Za-z]+(_[A-Z]{2})?(\.[A-Za-z0-9-]+)?$/)
      .optional()
      .describe('System locale, e.g. de_DE.UTF-8; generated if it is missing.'),
    upgrade: z.boolean().default(false).describe('Upgrades installed packages when the feature is applied.'),
  }),
  platforms: ['debian', 'ubuntu'],
  files: new URL('base_setup/scripts/', packagedDirectory('packs')),
  check: 'check.sh',
  apply: 'apply.sh',
  verify: 'check.sh',
});
