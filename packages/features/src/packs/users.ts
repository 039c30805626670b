import { z } from 'zod';
import { defineFeature } from '../contract/define-feature.js';
import { packagedDirectory } from '../packaged-files.js';

const account = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, {
  error: 'expected an account name: lower-case letters, digits, "_" and "-"',
});

/** Accounts with their keys, groups and sudo rights. */
export const users = defineFeature({
  name: 'users',
  version: '1.0.0',
  description: 'Makes accounts with SSH keys, groups and sudo rights.',
  options: z.strictObject({
    users: z
      .array(
        z.strictObject({
          name: account.describe('Name of the account.'),
          keys: z
            .array(
              z.string().regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?$/, {
                error: 'expected a line of a public SSH key',
              }),
            )
            .default([])
            .describe('Public SSH keys; the account has exactly these.'),
          groups: z.array(account).default([]).describe('Further groups; made if they are missing.'),
          sudo: z
            .enum(['none', 'password', 'passwordless'])
            .default('none')
            .describe('`password` asks for the account’s password, `passwordless` does not.'),
          shell: z
            .string()
            .regex(/^\/[A-Za-z0-9._/-]+$/)
            .default('/bin/bash')
            .describe('Login shell.'),
          password_hash: z
            .string()
            .regex(/^[!*]?(\$[A-Za-z0-9./$=,-]+)?$/)
            .optional()
            .describe('Password as crypt(3) writes it (mkpasswd -m yescrypt); without it no password works.'),
          comment: z
            .string()
            .regex(/^[^:\n]*$/)
            .default('')
            .describe('Full name.'),
          state: z
            .enum(['present', 'locked', 'absent'])
            .default('present')
            .describe('`locked` accounts cannot log in; `absent` ones are deleted, their home stays.'),
        }),
      )
      .min(1)
      .describe('The accounts; others in the guest are left alone.'),
  }),
  after: ['base_setup'],
  platforms: ['debian', 'ubuntu'],
  files: new URL('users/scripts/', packagedDirectory('packs')),
  check: 'check.sh',
  apply: 'apply.sh',
  verify: 'check.sh',
});
