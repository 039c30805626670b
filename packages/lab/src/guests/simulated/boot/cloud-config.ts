import { parse } from 'yaml';

/** What a guest's user-data asks for, of whichever kind it is. */
export interface UserDataParts {
  /** Merged keys of all cloud-configs. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Scripts that run at the end of the first boot, as byte strings. */
  readonly scripts: readonly string[];
  /** What is wrong with it, as cloud-init's log would say. */
  readonly problems: readonly string[];
}

/** A value as an object. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A value as a list: nothing is an empty one. */
export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** A value as text; undefined stays. */
export function asText(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

/** Takes user-data apart: a cloud-config, a script, or a MIME message of several. */
export function readUserData(text: string): UserDataParts {
  const body = text.replace(/^## template: jinja\n/, '');
  if (body.trim() === '') return { config: {}, scripts: [], problems: [] };
  if (body.startsWith('#cloud-config')) return readCloudConfig(body);
  if (body.startsWith('#!')) return { config: {}, scripts: [body], problems: [] };
  const boundary = /^content-type:\s*multipart\/[^\n]*boundary="?([^"\n;]+)"?/im.exec(body)?.[1];
  if (boundary === undefined) {
    return {
      config: {},
      scripts: [],
      problems: [`Unhandled non-multipart (text/x-not-multipart) userdata: 'b'${body.slice(0, 24)}'...'`],
    };
  }
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = '', ...rest] = part.replace(/^\r?\n/, '').split(/\r?\n\r?\n/);
      const content = rest.join('\n\n');
      return readUserData(/base64/i.test(head) ? Buffer.from(content, 'base64').toString('latin1') : content);
    });
  return {
    config: Object.assign({}, ...parts.map((part) => part.config)),
    scripts: parts.flatMap((part) => part.scripts),
    problems: parts.flatMap((part) => part.problems),
  };
}

function readCloudConfig(body: string): UserDataParts {
  // YAML is text: the byte string is decoded, and what it yields is encoded again.
  let parsed: unknown;
  try {
    parsed = parse(Buffer.from(body, 'latin1').toString('utf8'));
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { config: {}, scripts: [], problems: [`Failed loading yaml blob. Invalid format: ${message}`] };
  }
  if (parsed !== null && (typeof parsed !== 'object' || Array.isArray(parsed))) {
    return {
      config: {},
      scripts: [],
      problems: ["Failed loading yaml blob. Yaml load allows (<class 'dict'>,) root types"],
    };
  }
  return { config: asRecord(toBytes(parsed)), scripts: [], problems: [] };
}

function toBytes(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1');
  if (Array.isArray(value)) return value.map(toBytes);
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toBytes(item)]));
}
