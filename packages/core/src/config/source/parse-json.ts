import type { ConfigProblem } from '../config-problem.js';
import type { NodePath, ObjectEntry, SourceNode } from './source-node.js';
import { positionAt, type SourceText } from './source-text.js';

/** Deeper nesting than this is refused, so that no file can exhaust the stack. */
export const MAXIMUM_DEPTH = 200;

export interface ParsedSource {
  /** Absent when the file holds nothing that can be read. */
  readonly root?: SourceNode;
  readonly problems: readonly ConfigProblem[];
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[^\s,:{}[\]"'/]+/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Thrown inside the parser to give up on a file; never leaves it. */
class UnreadableJson extends Error {}

/**
 * Reads JSON with comments and trailing commas (JSONC). Small slips (a missing comma, single quotes, a key without
 * quotes) are reported and read as meant, so that one run shows all of them.
 */
export function parseJson(source: SourceText): ParsedSource {
  const { text } = source;
  const problems: ConfigProblem[] = [];
  let offset = text.charCodeAt(0) === 0xfeff ? 1 : 0;

  const report = (at: number, message: string, hint?: string): void => {
    problems.push({
      ...positionAt(source, at),
      severity: 'error',
      kind: 'syntax',
      path: [],
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const giveUp = (at: number, message: string, hint?: string): never => {
    report(at, message, hint);
    throw new UnreadableJson();
  };
  const found = (): string => {
    if (offset >= text.length) return 'the end of the file';
    return JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0));
  };

  const skipBlanks = (): void => {
    for (;;) {
      const character = text[offset];
      if (character === ' ' || character === '\t' || character === '\n' || character === '\r') offset += 1;
      else if (character === '/' && text[offset + 1] === '/') {
        while (offset < text.length && text[offset] !== '\n' && text[offset] !== '\r') offset += 1;
      } else if (character === '/' && text[offset + 1] === '*') {
        const end = text.indexOf('*/', offset + 2);
        if (end === -1) giveUp(offset, 'A comment that begins here never ends.', 'Close it with */.');
        offset = end + 2;
      } else return;
    }
  };

  const readString = (quote: string): string => {
    const start = offset;
    offset += 1;
    let value = '';
    let run = offset;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (offset >= text.length || code === 10 || code === 13) {
        return giveUp(
          start,
          'A string that begins here does not end on its line.',
          `Close it with ${quote}; write a line break as \\n.`,
        );
      }
      if (text[offset] === quote) {
        value += text.slice(run, offset);
        offset += 1;
        return value;
      }
      if (code !== 92) {
        if (code < 32) report(offset, 'A string holds a control character.', 'Write it as \\t or \\u00XX.');
        offset += 1;
        continue;
      }
      value += text.slice(run, offset);
      const letter = text[offset + 1] ?? '';
      const hex = text.slice(offset + 2, offset + 6);
      if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(hex)) {
        value += String.fromCharCode(Number.parseInt(hex, 16));
        offset += 6;
      } else {
        const meant = ESCAPES[letter];
        if (meant === undefined) {
          report(offset, `A string holds the unknown escape \\${letter}.`, 'Write a backslash as \\\\.');
        }
        value += meant ?? letter;
        offset += 1 + letter.length;
      }
      run = offset;
    }
  };

  const readKey = (): string => {
    const character = text[offset];
    if (character === '"') return readString('"');
    if (character === "'") {
      report(offset, 'A key stands in single quotes.', 'Use double quotes.');
      return readString("'");
    }
    WORD.lastIndex = offset;
    const word = WORD.exec(text)?.[0];
    if (word === undefined) return giveUp(offset, `Expected a key in double quotes, found ${found()}.`);
    report(offset, `The key ${word} has no quotes.`, `Write "${word}".`);
    offset += word.length;
    return word;
  };

  /** True when another item follows, false at the closing bracket. */
  const nextItem = (closing: '}' | ']', opened: number): boolean => {
    skipBlanks();
    if (text[offset] === ',') {
      offset += 1;
      skipBlanks();
      if (text[offset] === ',') giveUp(offset, 'Expected a value between two commas.');
      if (text[offset] !== closing) return true;
    }
    if (text[offset] === closing) {
      offset += 1;
      return false;
    }
    if (offset >= text.length) {
      const { line, column } = positionAt(source, opened);
      return giveUp(
        offset,
        `The file ends inside what begins at ${line}:${column}.`,
        `Close it with ${closing}.`,
      );
    }
    if (/["'{[\w-]/.test(text[offset] ?? '')) {
      // Right behind what precedes, where the comma belongs.
      let end = offset;
      while (/\s/.test(text[end - 1] ?? '')) end -= 1;
      report(end, `Expected a comma or ${closing}, found ${found()}.`, 'Put a comma here.');
      return true;
    }
    return giveUp(offset, `Expected a comma or ${closing}, found ${found()}.`);
  };

  const readValue = (path: NodePath): SourceNode => {
    skipBlanks();
    const start = offset;
    if (path.length > MAXIMUM_DEPTH)
      return giveUp(start, `Values are nested more than ${MAXIMUM_DEPTH} deep.`);
    const character = text[offset];
    if (character === '{') {
      const entries = new Map<string, ObjectEntry>();
      offset += 1;
      skipBlanks();
      let more = text[offset] !== '}';
      if (!more) offset += 1;
      while (more) {
        skipBlanks();
        const keyOffset = offset;
        const key = readKey();
        skipBlanks();
        if (text[offset] !== ':')
          giveUp(offset, `Expected a colon after the key ${JSON.stringify(key)}, found ${found()}.`);
        offset += 1;
        const value = readValue([...path, key]);
        const earlier = entries.get(key);
        if (earlier !== undefined) {
          const { line, column } = positionAt(source, earlier.key.offset);
          problems.push({
            ...positionAt(source, keyOffset),
            severity: 'error',
            kind: 'duplicate',
            path: [...path, key],
            message: `The key ${JSON.stringify(key)} stands here and at ${line}:${column}.`,
            hint: 'Keep one of them; JSON readers silently take the last.',
          });
        }
        entries.set(key, { key: { source, offset: keyOffset }, value });
        more = nextItem('}', start);
      }
      return { kind: 'object', source, offset: start, entries };
    }
    if (character === '[') {
      const items: SourceNode[] = [];
      offset += 1;
      skipBlanks();
      let more = text[offset] !== ']';
      if (!more) offset += 1;
      while (more) {
        items.push(readValue([...path, items.length]));
        more = nextItem(']', start);
      }
      return { kind: 'array', source, offset: start, items };
    }
    if (character === '"') return { kind: 'scalar', source, offset: start, value: readString('"') };
    if (character === "'") {
      report(offset, 'A string stands in single quotes.', 'Use double quotes.');
      return { kind: 'scalar', source, offset: start, value: readString("'") };
    }
    WORD.lastIndex = offset;
    const word = WORD.exec(text)?.[0] ?? '';
    NUMBER.lastIndex = offset;
    const number = NUMBER.exec(text)?.[0];
    if (number !== undefined && number === word) {
      offset += word.length;
      return { kind: 'scalar', source, offset: start, value: Number(number) };
    }
    const literal = LITERALS.get(word);
    if (literal !== undefined) {
      offset += word.length;
      return { kind: 'scalar', source, offset: start, value: literal.value };
    }
    if (word === '') return giveUp(offset, `Expected a value, found ${found()}.`);
    const nearest = LITERALS.has(word.toLowerCase()) ? word.toLowerCase() : `"${word}"`;
    report(offset, `Expected a value, found ${word}.`, `Write ${nearest}.`);
    offset += word.length;
    return { kind: 'scalar', source, offset: start, value: word };
  };

  try {
    skipBlanks();
    if (offset >= text.length)
      giveUp(offset, 'The file is empty.', 'Declare guests under "vms" or "lxc_configs".');
    const root = readValue([]);
    skipBlanks();
    if (offset < text.length) report(offset, `Expected the end of the file, found ${found()}.`);
    return { root, problems };
  } catch (error) {
    if (error instanceof UnreadableJson) return { problems };
    throw error;
  }
}

const LITERALS: ReadonlyMap<string, { readonly value: boolean | null }> = new Map([
  ['true', { value: true }],
  ['false', { value: false }],
  ['null', { value: null }],
]);
