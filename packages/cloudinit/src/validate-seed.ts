import { parseDocument } from 'yaml';
import { CloudConfig, FURTHER_KEYS } from './cloud-config-schema.js';
import { CloudinitError } from './cloudinit-error.js';
import type { Seed, SeedNotice } from './seed.js';

/** Of one file; the limit that Proxmox VE has for snippets, kept for every way of delivery. */
const MAXIMUM_FILE_BYTES = 1_048_576;

/**
 * Checks a seed as cloud-init will read it: sizes, headers, YAML, and the form of the keys that are known. Returns what
 * is doubtful; a key that nobody knows is doubtful and no error.
 *
 * @throws CloudinitError `CLOUDINIT_TOO_LARGE`, `CLOUDINIT_YAML`, `CLOUDINIT_INVALID`
 */
export function validateSeed(seed: Seed): readonly SeedNotice[] {
  const files = {
    'user-data': seed.userData,
    'meta-data': seed.metaData,
    'network-config': seed.networkConfig,
  };
  for (const [name, text] of Object.entries(files)) {
    const size = Buffer.byteLength(text ?? '', 'utf8');
    if (size > MAXIMUM_FILE_BYTES) {
      throw new CloudinitError({
        code: 'CLOUDINIT_TOO_LARGE',
        message: `The ${name} has ${size} bytes; expected at most ${MAXIMUM_FILE_BYTES}.`,
        hint: 'Move large files into a feature; features are delivered through the guest agent.',
      });
    }
  }
  const metaData = parseMapping('meta-data', seed.metaData);
  if (typeof metaData['instance-id'] !== 'string' || metaData['instance-id'] === '') {
    throw new CloudinitError({ code: 'CLOUDINIT_INVALID', message: 'The meta-data has no instance-id.' });
  }
  if (seed.networkConfig !== undefined) {
    const version = parseMapping('network-config', seed.networkConfig).version;
    if (version !== 1 && version !== 2) {
      throw new CloudinitError({
        code: 'CLOUDINIT_INVALID',
        message: `The network-config has version ${JSON.stringify(version)}; expected 1 or 2.`,
      });
    }
  }
  return seed.userData.startsWith('#cloud-config\n') ? checkCloudConfig(seed.userData) : [];
}

function checkCloudConfig(text: string): readonly SeedNotice[] {
  const config = parseMapping('user-data', text);
  const result = CloudConfig.safeParse(config);
  if (!result.success) {
    const lines = result.error.issues.map(
      (issue) => `${issue.path.map(String).join('.') || 'user-data'}: ${issue.message}`,
    );
    throw new CloudinitError({
      code: 'CLOUDINIT_INVALID',
      message: `cloud-init would not accept the user-data: ${lines.join('; ')}.`,
      hint: 'Correct these keys in the template, or in the feature that adds them.',
    });
  }
  const known = new Set([...Object.keys(CloudConfig.shape), ...FURTHER_KEYS]);
  const notices: SeedNotice[] = [];
  for (const key of Object.keys(config)) {
    if (known.has(key)) continue;
    notices.push({
      message: `cloud-init knows no key ${JSON.stringify(key)}; it will ignore it or complain.`,
    });
  }
  const leftover = /__[A-Z][A-Z0-9_]*__/.exec(text)?.[0];
  if (leftover !== undefined) {
    notices.push({
      message: `The placeholder ${leftover} is still in the user-data.`,
      hint: 'Known are __HOSTNAME__ and __USERNAME__; for others write {{name}}.',
    });
  }
  return notices;
}

function parseMapping(name: string, text: string): Record<string, unknown> {
  const document = parseDocument(text, { version: '1.1', prettyErrors: false });
  const error = document.errors[0];
  const value: unknown = error === undefined ? document.toJS() : undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new CloudinitError({
    code: 'CLOUDINIT_YAML',
    message:
      error === undefined
        ? `The ${name} is no object of settings.`
        : `The ${name} is not YAML: ${error.message}.`,
    ...(error === undefined ? {} : { cause: error }),
  });
}
