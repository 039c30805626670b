import { defineFeature, z } from '@phoenix/features';

export default defineFeature({
  name: 'sysctl',
  version: '1.0.0',
  description: 'Kernel settings, now and at every boot.',
  options: z.strictObject({
    settings: z
      .record(z.string().regex(/^[a-z0-9_.*/-]+$/), z.union([z.string().regex(/^[^\n]+$/), z.number().int()]))
      .describe('Settings by their name, such as "vm.swappiness": 10.'),
  }),
  platforms: ['debian', 'ubuntu'],
  files: new URL('./scripts/', import.meta.url),
  check: { script: 'check.sh', environment: lines },
  apply: { script: 'apply.sh', environment: lines },
  verify: { script: 'check.sh', environment: lines },
  remove: 'remove.sh',
});

/** Names with dots do not survive as names of variables, so that the scripts get the finished file. */
function lines({ options }) {
  return {
    SYSCTL_FILE: Object.entries(options.settings)
      .map(([name, value]) => `${name} = ${value}`)
      .join('\n'),
  };
}
