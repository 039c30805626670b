import { defineFeature, z } from '@phoenix/features';

export default defineFeature({
  name: 'redis',
  version: '1.0.0',
  description: 'Redis server of the distribution.',
  options: z.strictObject({
    port: z.number().int().min(1).max(65_535).default(6379).describe('TCP port.'),
    bind: z
      .array(z.string().regex(/^[0-9a-f.:]+$/))
      .default(['127.0.0.1'])
      .describe('Addresses that it listens on.'),
    maxmemory_mb: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Memory limit in MiB; keys are evicted beyond it.'),
    password: z
      .string()
      .min(8)
      .regex(/^[^\s"]+$/)
      .optional()
      .describe('Password of clients, best as a secret reference.'),
  }),
  after: ['base_setup'],
  platforms: ['debian', 'ubuntu'],
  files: new URL('./scripts/', import.meta.url),
  check: 'check.sh',
  apply: { script: 'apply.sh', timeoutMs: 600_000 },
  verify: { script: 'verify.sh', timeoutMs: 60_000 },
  remove: 'remove.sh',
});
