import { z } from 'zod';
import { defineFeature } from '../contract/define-feature.js';
import { packagedDirectory } from '../packaged-files.js';

/** Root certificates in the guest's trust store. */
export const trustedCa = defineFeature({
  name: 'trusted_ca',
  version: '1.0.0',
  description: "Adds certificates to the guest's trust store.",
  options: z.strictObject({
    certificates: z
      .record(
        z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/),
        z.string().regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/, {
          error: 'expected one certificate in PEM form',
        }),
      )
      .refine((certificates) => Object.keys(certificates).length > 0, 'expected at least one certificate')
      .describe('Certificates in PEM form, by a name of your choice (it becomes a file name).'),
  }),
  platforms: ['debian', 'ubuntu'],
  files: new URL('trusted_ca/scripts/', packagedDirectory('packs')),
  check: { script: 'check.sh', environment: certificateVariables },
  apply: { script: 'apply.sh', environment: certificateVariables },
  verify: { script: 'check.sh', environment: certificateVariables },
  remove: 'remove.sh',
});

/** Names of options lose their case and signs as variables; here each certificate is found by the hexadecimal of its name. */
function certificateVariables(context: {
  readonly options: { readonly certificates: Readonly<Record<string, string>> };
}): Record<string, string> {
  const { certificates } = context.options;
  return {
    PHOENIX_CERTIFICATE_NAMES: Object.keys(certificates).join(' '),
    ...Object.fromEntries(
      Object.entries(certificates).map(([name, pem]) => [
        `PHOENIX_CERTIFICATE_${Buffer.from(name).toString('hex')}`,
        pem.trim(),
      ]),
    ),
  };
}
