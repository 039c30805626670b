import { z } from 'zod';
import { defineFeature } from '../contract/define-feature.js';
import { packagedDirectory } from '../packaged-files.js';

/** Docker Engine with compose. */
export const docker = defineFeature({
  name: 'docker',
  version: '1.0.0',
  description:
    'Docker Engine from the distribution or from Docker itself, with compose, daemon.json and group members.',
  options: z.strictObject({
    source: z
      .enum(['distribution', 'docker'])
      .default('distribution')
      .describe("`distribution`: the package docker.io; `docker`: docker-ce from Docker's own repository."),
    channel: z.enum(['stable', 'test']).default('stable').describe("Channel of Docker's own repository."),
    repository: z
      .url({ protocol: /^https?$/ })
      .default('https://download.docker.com')
      .describe("Base URL of Docker's own repository, or of a mirror of it."),
    compose: z.boolean().default(true).describe('Installs the compose plugin where the repository has it.'),
    users: z
      .array(z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/))
      .default([])
      .describe('Existing accounts that join the group docker, which makes them equal to root.'),
    daemon: z
      .record(z.string(), z.json())
      .optional()
      .describe('Content of /etc/docker/daemon.json; absent leaves the file alone.'),
  }),
  after: ['base_setup', 'users', 'trusted_ca'],
  platforms: ['debian', 'ubuntu'],
  files: new URL('docker/scripts/', packagedDirectory('packs')),
  check: 'check.sh',
  apply: { script: 'apply.sh', timeoutMs: 1_800_000 },
  verify: { script: 'verify.sh', timeoutMs: 180_000 },
  remove: 'remove.sh',
});
