import { z } from 'zod';
import { defineFeature } from '../contract/define-feature.js';
import { packagedDirectory } from '../packaged-files.js';

const path = z.string().regex(/^\/[^\s#"'\\]*$/, { error: 'expected an absolute path without blanks' });

/** NFS exports of a server, mounted now and at every boot. */
export const nfsMount = defineFeature({
  name: 'nfs_mount',
  version: '1.0.0',
  description: 'Mounts NFS exports now and at every boot.',
  options: z.strictObject({
    mounts: z
      .array(
        z.strictObject({
          server: z
            .string()
            .regex(/^[A-Za-z0-9.:[\]-]+$/)
            .describe('Name or address of the server.'),
          export: path.describe('Path that the server exports.'),
          path: path.describe('Where it is mounted in the guest; made if it is missing.'),
          options: z
            .string()
            .regex(/^[A-Za-z0-9_=.,:/-]+$/)
            .default('defaults,_netdev,nofail')
            .describe('Mount options as in fstab; `nofail` lets the guest boot without the server.'),
          type: z.enum(['nfs', 'nfs4']).default('nfs').describe('File system as in fstab.'),
        }),
      )
      .min(1)
      .refine(
        (mounts) => new Set(mounts.map((mount) => mount.path)).size === mounts.length,
        'expected each path once',
      )
      .describe('The mounts; other lines of fstab are left alone.'),
  }),
  after: ['base_setup'],
  platforms: ['debian', 'ubuntu'],
  files: new URL('nfs_mount/scripts/', packagedDirectory('packs')),
  check: 'check.sh',
  apply: { script: 'apply.sh', timeoutMs: 900_000 },
  verify: 'check.sh',
  remove: 'remove.sh',
});
