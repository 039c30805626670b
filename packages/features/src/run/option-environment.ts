import { FeaturesError } from '../features-error.js';

/** Longer values are left out of the environment (the kernel's limit for one is 128 KiB); stdin has them all. */
const LONGEST_VALUE = 100_000;

/**
 * Yields options as environment variables `PHOENIX_OPTION_<NAME>`, the name in capitals with `_` for other signs:
 * text, numbers and booleans (`true`, `false`) as they are; lists as one item a line, with `_COUNT` and each item
 * again under `_0`, `_1` …; objects as JSON, with each key again under `_<KEY>`; what is absent has no variable.
 */
export function optionEnvironment(options: unknown): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  const set = (name: string, value: string): void => {
    if (value.length <= LONGEST_VALUE) variables[name] = value;
  };
  const walk = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) {
      const plain = value.every((item) => typeof item !== 'object' || item === null);
      set(name, plain ? value.map(String).join('\n') : JSON.stringify(value));
      set(`${name}_COUNT`, String(value.length));
      for (const [index, item] of value.entries()) walk(`${name}_${index}`, item);
      return;
    }
    if (typeof value === 'object') {
      set(name, JSON.stringify(value));
      for (const [key, item] of Object.entries(value)) walk(`${name}_${variableName(key)}`, item);
      return;
    }
    set(name, String(value));
  };
  if (typeof options !== 'object' || options === null) return variables;
  for (const [key, value] of Object.entries(options)) walk(`PHOENIX_OPTION_${variableName(key)}`, value);
  return variables;
}

function variableName(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase();
}

/**
 * Yields the text that `guest/start.sh` reads: one quoted shell assignment a variable, and `phoenix_stdin`.
 * @throws FeaturesError `FEATURES_OPTIONS` for a NUL byte, which neither a variable nor a shell can hold.
 */
export function shellAssignments(environment: Readonly<Record<string, string>>, stdin: string): string {
  return `${shellExports(environment)}\nphoenix_stdin=${shellQuote(stdin, 'stdin')}\nphoenix_complete=1\n`;
}

/**
 * Yields one quoted `export` a variable.
 * @throws FeaturesError `FEATURES_OPTIONS` for a NUL byte, or what is no name of a variable.
 */
export function shellExports(environment: Readonly<Record<string, string>>): string {
  const lines = Object.entries(environment).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new FeaturesError(
        'FEATURES_OPTIONS',
        `${JSON.stringify(name)} is no name of an environment variable.`,
      );
    }
    return `export ${name}=${shellQuote(value, name)}`;
  });
  return lines.join('\n');
}

/**
 * Yields a text as one word of a shell. `name` is for the message.
 * @throws FeaturesError `FEATURES_OPTIONS` for a NUL byte.
 */
export function shellQuote(text: string, name: string): string {
  if (text.includes('\0')) {
    throw new FeaturesError(
      'FEATURES_OPTIONS',
      `The value for ${name} holds a NUL byte, which no script can be given.`,
    );
  }
  return `'${text.replaceAll("'", "'\\''")}'`;
}
