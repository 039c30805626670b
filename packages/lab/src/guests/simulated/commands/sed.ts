import type { Program } from '../system/process.js';
import { parseOptions } from './options.js';
import { posixRegExp } from './posix-regexp.js';
import { linesOf, readOperands } from './read-operands.js';

type Address =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'match'; readonly pattern: RegExp }
  | { readonly kind: 'step'; readonly count: number };

interface Step {
  readonly from?: Address;
  readonly to?: Address;
  readonly negated: boolean;
  readonly command: string;
  readonly text: string;
  readonly pattern?: RegExp;
  readonly replacement?: string;
  readonly flags: string;
  readonly block?: readonly Step[];
  active: boolean;
}

/** The program `sed`: s y d p q a i c = n N h H g G x t b {} with line, `$` and pattern addresses; -n -e -f -i -E -s. */
export const sed: Program = async (process, args) => {
  const { flags, values, all, operands } = parseOptions(withSuffix(args), ['e', 'f', 'expression', 'file']);
  const extended = flags.has('E') || flags.has('r') || flags.has('regexp-extended');
  const rest = [...operands];
  const scripts = [...(all.get('e') ?? []), ...(all.get('expression') ?? [])];
  const file = values.get('f') ?? values.get('file');
  if (file !== undefined) scripts.push(process.files.read(process.path(file)));
  if (scripts.length === 0) scripts.push(rest.shift() ?? '');
  let steps: Step[];
  try {
    steps = new SedParser(scripts.join('\n'), extended).parse();
  } catch (error) {
    return process.fail(
      `-e expression #1, char 1: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const quiet = flags.has('n') || flags.has('quiet') || flags.has('silent');
  const inPlace = flags.has('i') || flags.has('in-place') || all.has('i') || all.has('in-place');
  const { parts, failed } = await readOperands(process, rest);
  if (!inPlace) {
    await process.out(edit(parts.map(({ text }) => text).join(''), steps, quiet));
    return failed ? 2 : 0;
  }
  for (const { name, text } of parts) {
    for (const step of steps) step.active = false;
    const suffix = values.get('in-place');
    if (suffix !== undefined && suffix !== '') process.files.write(process.path(`${name}${suffix}`), text);
    process.files.write(process.path(name), edit(text, steps, quiet));
  }
  return failed ? 2 : 0;
};

/** `-i.bak` is an option with an attached value; getopt letters behind it are not options. */
function withSuffix(args: readonly string[]): string[] {
  return args.map((arg) => (/^-i.+/.test(arg) ? `--in-place=${arg.slice(2)}` : arg));
}

class SedParser {
  #position = 0;

  constructor(
    private readonly script: string,
    private readonly extended: boolean,
  ) {}

  parse(nested = false): Step[] {
    const steps: Step[] = [];
    for (;;) {
      this.#skip(/[\s;]/);
      if (this.#position >= this.script.length) return steps;
      if (this.script[this.#position] === '#') {
        this.#line();
        continue;
      }
      if (this.script[this.#position] === '}') {
        this.#position += 1;
        if (nested) return steps;
        throw new Error("unexpected `}'");
      }
      steps.push(this.#step());
    }
  }

  #skip(pattern: RegExp): void {
    while (this.#position < this.script.length && pattern.test(this.script[this.#position] ?? ''))
      this.#position += 1;
  }

  #line(): string {
    const end = this.script.indexOf('\n', this.#position);
    const text = this.script.slice(this.#position, end < 0 ? undefined : end);
    this.#position = end < 0 ? this.script.length : end + 1;
    return text;
  }

  #address(): Address | undefined {
    const rest = this.script.slice(this.#position);
    const step = /^(\d+)~(\d+)/.exec(rest);
    if (step !== null) {
      this.#position += step[0].length;
      return { kind: 'step', count: Number(step[2]) };
    }
    const number = /^\d+/.exec(rest);
    if (number !== null) {
      this.#position += number[0].length;
      return { kind: 'line', line: Number(number[0]) };
    }
    if (rest.startsWith('$')) {
      this.#position += 1;
      return { kind: 'last' };
    }
    if (!/^[/\\]/.test(rest)) return undefined;
    if (rest.startsWith('\\')) this.#position += 1;
    const delimiter = this.script[this.#position] ?? '/';
    this.#position += 1;
    const pattern = this.#until(delimiter);
    const insensitive = this.script[this.#position] === 'I';
    if (insensitive) this.#position += 1;
    return { kind: 'match', pattern: posixRegExp(pattern, this.extended, insensitive ? 'i' : '') };
  }

  /** Text up to an unescaped delimiter, in which `\delimiter` is the delimiter. */
  #until(delimiter: string): string {
    let text = '';
    for (;;) {
      const char = this.script[this.#position];
      if (char === undefined) throw new Error("unterminated `s' command");
      this.#position += 1;
      if (char === delimiter) return text;
      if (char === '\\') {
        const next = this.script[this.#position] ?? '';
        this.#position += 1;
        text += next === delimiter && !/[.*+?|(){}[\]^$]/.test(delimiter) ? next : `\\${next}`;
      } else if (char === '[' && delimiter !== '[') {
        const end = this.script.indexOf(']', this.#position + 1);
        const newline = this.script
          .slice(this.#position)
          .search(new RegExp(`[\\n]|${delimiter.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}`));
        text += char;
        if (
          end >= 0 &&
          newline >= 0 &&
          end - this.#position > newline &&
          this.script.slice(this.#position - 1, end + 1).includes(delimiter) &&
          /^\[[^\]]*\]/.test(this.script.slice(this.#position - 1))
        ) {
          text += this.script.slice(this.#position, end + 1);
          this.#position = end + 1;
        }
      } else text += char;
    }
  }

  #step(): Step {
    const from = this.#address();
    let to: Address | undefined;
    this.#skip(/\s/);
    if (from !== undefined && this.script[this.#position] === ',') {
      this.#position += 1;
      this.#skip(/\s/);
      to = this.#address();
    }
    this.#skip(/\s/);
    const negated = this.script[this.#position] === '!';
    if (negated) this.#position += 1;
    this.#skip(/\s/);
    const command = this.script[this.#position] ?? '';
    this.#position += 1;
    const base = {
      ...(from && { from }),
      ...(to && { to }),
      negated,
      command,
      text: '',
      flags: '',
      active: false,
    };
    if (command === '{') return { ...base, block: this.parse(true) };
    if (command === 's' || command === 'y') {
      const delimiter = this.script[this.#position] ?? '/';
      this.#position += 1;
      const pattern = this.#until(delimiter);
      const replacement = this.#until(delimiter);
      const flags = /^[gpIiemM0-9]*/.exec(this.script.slice(this.#position))?.[0] ?? '';
      this.#position += flags.length;
      if (command === 'y') return { ...base, text: pattern, replacement };
      return {
        ...base,
        pattern: posixRegExp(pattern, this.extended, /[Ii]/.test(flags) ? 'i' : ''),
        replacement,
        flags,
      };
    }
    if ('aic'.includes(command)) {
      let text = this.#line().replace(/^\s*\\?\s*/, '');
      if (text === '') text = this.#line();
      while (text.endsWith('\\')) text = `${text.slice(0, -1)}\n${this.#line()}`;
      return { ...base, text: text.replace(/\\(.)/g, '$1') };
    }
    if ('btTrw:'.includes(command)) {
      const label = /^\s*[^\s;}]*/.exec(this.script.slice(this.#position))?.[0] ?? '';
      this.#position += label.length;
      return { ...base, text: label.trim() };
    }
    if (!'dDpPqQnNhHgGxl='.includes(command)) throw new Error(`unknown command: \`${command}'`);
    const code = /^\s*\d+/.exec(this.script.slice(this.#position))?.[0] ?? '';
    this.#position += code.length;
    return { ...base, text: code.trim() };
  }
}

function edit(text: string, steps: readonly Step[], quiet: boolean): string {
  const lines = linesOf(text);
  let output = '';
  let hold = '';
  let index = 0;
  let quit = false;
  const last = () => index === lines.length - 1;
  const matches = (address: Address, line: string): boolean => {
    if (address.kind === 'line') return index + 1 === address.line;
    if (address.kind === 'last') return last();
    if (address.kind === 'step') return address.count > 0 && (index + 1) % address.count === 0;
    return address.pattern.test(line);
  };
  const selected = (step: Step, line: string): boolean => {
    const { from, to } = step;
    if (from === undefined) return true;
    if (to === undefined) return matches(from, line);
    if (step.active) {
      if (matches(to, line) || (to.kind === 'line' && index + 1 >= to.line)) step.active = false;
      return true;
    }
    if (!matches(from, line)) return false;
    step.active = !(to.kind === 'line' && to.line <= index + 1);
    return true;
  };
  for (; index < lines.length && !quit; index += 1) {
    let space = lines[index] ?? '';
    let deleted = false;
    let append = '';
    let replaced = false;
    const run = (list: readonly Step[]): boolean => {
      for (let at = 0; at < list.length; at += 1) {
        const step = list[at];
        if (step === undefined || selected(step, space) === step.negated) continue;
        switch (step.command) {
          case '{':
            if (!run(step.block ?? [])) return false;
            break;
          case 's': {
            const result = substitute(space, step);
            if (result !== undefined) {
              space = result;
              replaced = true;
              if (step.flags.includes('p')) output += `${space}\n`;
            }
            break;
          }
          case 'y': {
            const to = step.replacement ?? '';
            space = [...space]
              .map((char) => (step.text.includes(char) ? (to[step.text.indexOf(char)] ?? char) : char))
              .join('');
            break;
          }
          case 'd':
            deleted = true;
            return false;
          case 'p':
            output += `${space}\n`;
            break;
          case '=':
            output += `${index + 1}\n`;
            break;
          case 'i':
            output += `${step.text}\n`;
            break;
          case 'a':
            append += `${step.text}\n`;
            break;
          case 'c':
            if (!step.active || step.to === undefined) output += `${step.text}\n`;
            deleted = true;
            return false;
          case 'q':
          case 'Q':
            quit = true;
            if (step.command === 'Q') deleted = true;
            return false;
          case 'n':
            if (!quiet) output += `${space}\n`;
            if (last()) {
              deleted = true;
              return false;
            }
            index += 1;
            space = lines[index] ?? '';
            break;
          case 'N':
            if (!last()) {
              index += 1;
              space += `\n${lines[index] ?? ''}`;
            }
            break;
          case 'h':
            hold = space;
            break;
          case 'H':
            hold += `\n${space}`;
            break;
          case 'g':
            space = hold;
            break;
          case 'G':
            space += `\n${hold}`;
            break;
          case 'x':
            [space, hold] = [hold, space];
            break;
          case 'P':
            output += `${space.split('\n')[0]}\n`;
            break;
          case 't':
          case 'b': {
            if (step.command === 't' && !replaced) break;
            replaced = false;
            const target = list.findIndex((other) => other.command === ':' && other.text === step.text);
            if (step.text === '') return true;
            if (target >= 0) at = target;
            break;
          }
        }
      }
      return true;
    };
    run(steps);
    if (!deleted && !quiet) output += `${space}\n`;
    output += append;
  }
  const complete = text === '' || text.endsWith('\n') || index < lines.length;
  return complete || !output.endsWith('\n') ? output : output.slice(0, -1);
}

function substitute(line: string, step: Step): string | undefined {
  const { pattern, replacement = '', flags } = step;
  if (pattern === undefined) return undefined;
  const which = Number(/\d+/.exec(flags)?.[0] ?? 1);
  let count = 0;
  let done = false;
  const result = line.replace(new RegExp(pattern, `${pattern.flags}g`), (...groups: unknown[]) => {
    const match = String(groups[0]);
    count += 1;
    if (count < which || (count > which && !flags.includes('g'))) return match;
    done = true;
    return expandReplacement(replacement, match, groups.slice(1));
  });
  return done ? result : undefined;
}

function expandReplacement(replacement: string, match: string, groups: readonly unknown[]): string {
  return replacement.replace(/\\([\s\S])|&/g, (found, escaped: string | undefined) => {
    if (found === '&') return match;
    if (escaped !== undefined && /[1-9]/.test(escaped)) {
      const group = groups[Number(escaped) - 1];
      return typeof group === 'string' ? group : '';
    }
    return escaped === 'n' ? '\n' : escaped === 't' ? '\t' : (escaped ?? '');
  });
}
