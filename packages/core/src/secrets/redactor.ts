/** What stands in place of a secret. */
export const REDACTED = '••••••';

/** Values shorter than this are not searched for: they would tear holes into ordinary text. */
const MINIMUM_LENGTH = 4;

/**
 * Knows the values that must not be seen, and takes them out of whatever is shown, by value: also where they
 * appear URL-encoded, base64-encoded or escaped as in JSON.
 */
export interface Redactor {
  /** Makes a value secret from now on. Values under four characters are ignored. */
  add(secret: string): void;
  /** The text without any secret. */
  redact(text: string): string;
  /** A copy of plain data whose strings, keys included, hold no secret. Errors and other objects become plain data. */
  redactValue(value: unknown): unknown;
}

/** A redactor that knows the given secrets. */
export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const known = new Set<string>();
  let pattern: RegExp | undefined;

  const redact = (text: string): string => {
    if (known.size === 0) return text;
    pattern ??= new RegExp(
      [...known]
        .sort((left, right) => right.length - left.length)
        .map(escapePattern)
        .join('|'),
      'g',
    );
    return text.replace(pattern, REDACTED);
  };

  const redactValue = (value: unknown, ancestors: readonly object[]): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value !== 'object' || value === null) return value;
    if (ancestors.includes(value)) return '[circular]';
    const trail = [...ancestors, value];
    if (Array.isArray(value)) return value.map((item) => redactValue(item, trail));
    if (value instanceof Uint8Array || value instanceof Date) return value;
    const entries: [string, unknown][] = Object.entries(value);
    if (value instanceof Error) {
      entries.unshift(['name', value.name], ['message', value.message]);
      if (value.cause !== undefined) entries.push(['cause', value.cause]);
    }
    return Object.fromEntries(entries.map(([key, entry]) => [redact(key), redactValue(entry, trail)]));
  };

  const add = (secret: string): void => {
    for (const part of [secret, ...secret.split(/\r?\n/)]) {
      if (part.trim().length < MINIMUM_LENGTH) continue;
      for (const form of spellings(part)) known.add(form);
    }
    pattern = undefined;
  };

  for (const secret of secrets) add(secret);
  return { add, redact, redactValue: (value) => redactValue(value, []) };
}

function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  return [
    secret,
    secret.trim(),
    encodeURIComponent(bytes.toString('utf8')),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
  ].filter((form) => form.length >= MINIMUM_LENGTH);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
