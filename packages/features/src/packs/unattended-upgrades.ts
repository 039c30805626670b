import { z } from 'zod';
import { defineFeature } from '../contract/define-feature.js';
import { packagedDirectory } from '../packaged-files.js';

/** Security updates that install themselves. */
export const unattendedUpgrades = defineFeature({
  name: 'unattended_upgrades',
  version: '1.0.0',
  description: 'Installs security updates by themselves, with a chosen reboot time.',
  options: z.strictObject({
    origins: z
      .enum(['security', 'all'])
      .default('security')
      .describe('`security`: the security archive only; `all`: every archive of the distribution.'),
    reboot: z.boolean().default(false).describe('Reboots when an update asks for it.'),
    reboot_time: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .default('04:00')
      .describe('When it reboots, by the guest’s clock.'),
    remove_unused: z.boolean().default(true).describe('Removes dependencies that nothing needs any more.'),
    blocked: z
      .array(z.string().regex(/^[A-Za-z0-9.+*^$-]+$/))
      .default([])
      .describe('Packages that are not updated, as regular expressions.'),
  }),
  after: ['base_setup'],
  platforms: ['debian', 'ubuntu'],
  files: new URL('unattended_upgrades/scripts/', packagedDirectory('packs')),
  check: 'check.sh',
  apply: 'apply.sh',
  verify: 'verify.sh',
  remove: 'remove.sh',
});
