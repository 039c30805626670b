/** Options and operands of a command line, taken apart. */
export interface ParsedOptions {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  /** Every value of an option that may be repeated. */
  readonly all: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

/**
 * Takes options apart as getopt does: bundled letters, values attached or following, long options by `=` or following.
 *
 * @param valued Options that have a value, letters and long names without dashes.
 * @param stop Operands end the options (programs that run other programs).
 */
export function parseOptions(
  args: readonly string[],
  valued: readonly string[] = [],
  stop = false,
): ParsedOptions {
  const flags = new Set<string>();
  const all = new Map<string, string[]>();
  const operands: string[] = [];
  const take = new Set(valued);
  const add = (name: string, value: string) => {
    flags.add(name);
    const list = all.get(name);
    if (list === undefined) all.set(name, [value]);
    else list.push(value);
  };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      operands.push(...rest);
      break;
    }
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      const name = arg.slice(2, equals < 0 ? undefined : equals);
      if (equals >= 0) add(name, arg.slice(equals + 1));
      else if (take.has(name)) add(name, rest.shift() ?? '');
      else flags.add(name);
    } else if (/^-./.test(arg)) {
      for (let index = 1; index < arg.length; index += 1) {
        const letter = arg[index] ?? '';
        if (!take.has(letter)) {
          flags.add(letter);
          continue;
        }
        const attached = arg.slice(index + 1);
        add(letter, attached === '' ? (rest.shift() ?? '') : attached);
        break;
      }
    } else {
      operands.push(arg);
      if (stop) {
        operands.push(...rest);
        break;
      }
    }
  }
  const values = new Map([...all].map(([name, list]) => [name, list.at(-1) ?? '']));
  return { flags, values, all, operands };
}
