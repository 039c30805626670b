import { evaluateArithmetic } from './arithmetic.js';
import { globPaths } from './glob.js';
import { isPattern, patternToRegExp, unescapePattern } from './pattern.js';
import { ScriptError } from './script-error.js';
import type { Shell } from './shell.js';
import type { Word, WordPart } from './syntax.js';

/** A piece of an expanded word: text that may be split and matched, or not. `gap` separates fields (`"$@"`); `literal` text of the script is matched, not split. */
interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  readonly gap?: boolean;
  readonly literal?: boolean;
}

/** Expands words into fields: parameters, commands, arithmetic, then splitting, then path names. */
export async function expandWords(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const fields: string[] = [];
  for (const word of words) {
    for (const variant of expandBraces(word)) {
      for (const field of splitFields(
        await expandParts(shell, variant.parts, false),
        shell.variables.get('IFS') ?? ' \t\n',
      )) {
        fields.push(...pathNames(shell, field));
      }
    }
  }
  return fields;
}

/** Expands a word into one string, without splitting or path names: assignments, redirection targets, `case`. */
export async function expandText(shell: Shell, word: Word): Promise<string> {
  const pieces = await expandParts(shell, tildeAfterColons(word), false);
  return pieces.map((piece) => (piece.gap === true ? ' ' : '') + piece.text).join('');
}

/** Expands a word into a pattern: quoted characters stand for themselves (escaped by backslashes). */
export async function expandPattern(shell: Shell, word: Word): Promise<string> {
  const pieces = await expandParts(shell, word.parts, false);
  return pieces
    .map((piece) => (piece.quoted ? piece.text.replace(/[\\*?[\]]/g, '\\$&') : piece.text))
    .join('');
}

/** Expands a word into a regular expression of `=~`: quoted parts match literally. */
export async function expandRegExp(shell: Shell, word: Word): Promise<string> {
  const pieces = await expandParts(shell, word.parts, false);
  return pieces
    .map((piece) => (piece.quoted ? piece.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : piece.text))
    .join('');
}

function tildeAfterColons(word: Word): readonly WordPart[] {
  return word.parts;
}

function expandBraces(word: Word): Word[] {
  for (const [index, part] of word.parts.entries()) {
    if (part.kind !== 'text' || part.quoted) continue;
    const match = /^([^{]*)\{([^{}\s]*(?:,[^{}\s]*)+|-?\d+\.\.-?\d+)\}(.*)$/.exec(part.text);
    if (match === null) continue;
    const [, before = '', inner = '', after = ''] = match;
    const range = /^(-?\d+)\.\.(-?\d+)$/.exec(inner);
    const variants = range === null ? inner.split(',') : countFrom(Number(range[1]), Number(range[2]));
    return variants.flatMap((variant) =>
      expandBraces({
        parts: [
          ...word.parts.slice(0, index),
          { kind: 'text' as const, text: before + variant + after, quoted: false },
          ...word.parts.slice(index + 1),
        ],
      }),
    );
  }
  return [word];
}

function countFrom(first: number, last: number): string[] {
  const step = first <= last ? 1 : -1;
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, index) => String(first + index * step));
}

async function expandParts(shell: Shell, parts: readonly WordPart[], quoted: boolean): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const [index, part] of parts.entries()) {
    switch (part.kind) {
      case 'text':
        pieces.push(
          index === 0 && !part.quoted && !quoted
            ? { ...tilde(shell, part.text), literal: true }
            : { text: part.text, quoted: part.quoted || quoted, literal: true },
        );
        break;
      case 'quoted': {
        const inner = await expandParts(shell, part.parts, true);
        pieces.push(
          ...(inner.length === 0 && !hasAllParameters(part.parts) ? [{ text: '', quoted: true }] : inner),
        );
        break;
      }
      case 'command':
        pieces.push({
          text: (await shell.substitute(part.body)).replaceAll('\0', '').replace(/\n+$/, ''),
          quoted,
        });
        break;
      case 'process':
        pieces.push({ text: await shell.substituteProcess(part.direction, part.body), quoted: true });
        break;
      case 'arithmetic': {
        const value = evaluateArithmetic(await expandText(shell, part.expression), shell.arithmetic);
        pieces.push({ text: String(value), quoted });
        break;
      }
      case 'parameter':
        pieces.push(...(await expandParameter(shell, part, quoted)));
        break;
    }
  }
  return pieces;
}

function hasAllParameters(parts: readonly WordPart[]): boolean {
  return parts.some((part) => part.kind === 'parameter' && (part.name === '@' || part.index !== undefined));
}

function tilde(shell: Shell, text: string): Piece {
  const match = /^~([a-z_][\w-]*)?(?=\/|$)/.exec(text);
  if (match === null) return { text, quoted: false };
  const home = match[1] === undefined ? shell.variables.get('HOME') : shell.homeOf(match[1]);
  return home === undefined
    ? { text, quoted: false }
    : { text: home + text.slice(match[0].length), quoted: false };
}

type Parameter = Extract<WordPart, { kind: 'parameter' }>;

async function expandParameter(shell: Shell, part: Parameter, quoted: boolean): Promise<Piece[]> {
  const list = await parameterList(shell, part);
  if (list !== undefined && part.length === true) return [{ text: String(list.length), quoted }];
  if (list !== undefined && part.operator === undefined) return listPieces(shell, part, list, quoted);
  if (list !== undefined && part.operator === ':' && part.argument !== undefined) {
    const start = evaluateArithmetic(await expandText(shell, part.argument), shell.arithmetic);
    const count =
      part.second === undefined
        ? undefined
        : evaluateArithmetic(await expandText(shell, part.second), shell.arithmetic);
    const from = part.name === '@' || part.name === '*' ? Math.max(0, start - 1) : start;
    return listPieces(shell, part, list.slice(from, count === undefined ? undefined : from + count), quoted);
  }
  let value =
    list === undefined ? await scalarValue(shell, part) : list.length === 0 ? undefined : list.join(' ');
  if (part.indirect === true && value !== undefined) value = shell.parameter(value);
  if (part.length === true) return [{ text: String((value ?? '').length), quoted }];
  const { operator, argument } = part;
  if (operator === undefined || argument === undefined) {
    if (value === undefined) shell.unsetParameter(part.name);
    return value === undefined && !quoted ? [] : [{ text: value ?? '', quoted }];
  }
  return applyOperator(shell, part, value, operator, argument, quoted);
}

async function applyOperator(
  shell: Shell,
  part: Parameter,
  value: string | undefined,
  operator: string,
  argument: Word,
  quoted: boolean,
): Promise<Piece[]> {
  const missing = value === undefined || (operator.startsWith(':') && value === '');
  switch (operator.replace(/^:(?=[-=?+])/, '')) {
    case '-':
      return missing ? expandArgument(shell, argument, quoted) : [{ text: value, quoted }];
    case '+':
      return missing ? [] : expandArgument(shell, argument, quoted);
    case '=': {
      if (!missing) return [{ text: value, quoted }];
      const text = await expandText(shell, argument);
      shell.variables.set(part.name, text);
      return [{ text, quoted }];
    }
    case '?': {
      if (!missing) return [{ text: value, quoted }];
      const text = await expandText(shell, argument);
      throw new ScriptError(`${part.name}: ${text === '' ? 'parameter not set' : text}`);
    }
    default:
      return [{ text: await transform(shell, part, value ?? '', operator, argument), quoted }];
  }
}

/** The word of `${x:-word}`: what it yields is split as the parameter would be. */
async function expandArgument(shell: Shell, argument: Word, quoted: boolean): Promise<Piece[]> {
  const pieces = await expandParts(shell, argument.parts, quoted);
  return pieces.map(({ literal: _literal, ...piece }) => piece);
}

async function transform(
  shell: Shell,
  part: Parameter,
  value: string,
  operator: string,
  argument: Word,
): Promise<string> {
  if (operator === ':') {
    const start = evaluateArithmetic(await expandText(shell, argument), shell.arithmetic);
    const from = start < 0 ? Math.max(0, value.length + start) : start;
    if (part.second === undefined) return value.slice(from);
    const count = evaluateArithmetic(await expandText(shell, part.second), shell.arithmetic);
    return count < 0 ? value.slice(from, count) : value.slice(from, from + count);
  }
  const pattern = await expandPattern(shell, argument);
  switch (operator) {
    case '#':
    case '##':
      return value.replace(patternToRegExp(pattern, { anchors: 'prefix', greedy: operator === '##' }), '');
    case '%':
    case '%%': {
      const whole = patternToRegExp(pattern);
      const starts = Array.from({ length: value.length + 1 }, (_, index) => index);
      const found = (operator === '%%' ? starts : starts.reverse()).find((start) =>
        whole.test(value.slice(start)),
      );
      return found === undefined ? value : value.slice(0, found);
    }
    case '^':
      return value.slice(0, 1).toUpperCase() + value.slice(1);
    case '^^':
      return value.toUpperCase();
    case ',':
      return value.slice(0, 1).toLowerCase() + value.slice(1);
    case ',,':
      return value.toLowerCase();
    default: {
      const replacement = part.second === undefined ? '' : await expandText(shell, part.second);
      const anchored = operator === '/' && /^[#%]/.test(pattern);
      const body = anchored ? pattern.slice(1) : pattern;
      const matcher = patternToRegExp(body, {
        anchors: !anchored ? 'none' : pattern.startsWith('#') ? 'prefix' : 'suffix',
      });
      if (body === '') return value;
      return operator === '//'
        ? value.replace(new RegExp(matcher, 'g'), () => replacement)
        : value.replace(matcher, () => replacement);
    }
  }
}

async function parameterList(shell: Shell, part: Parameter): Promise<string[] | undefined> {
  if (part.name === '@' || part.name === '*') return [...shell.positional];
  if (part.index === undefined) return undefined;
  const index = await expandText(shell, part.index);
  if (index !== '@' && index !== '*') return undefined;
  const elements = shell.variables.elements(part.name) ?? new Map<string, string>();
  return part.indirect === true ? [...elements.keys()] : [...elements.values()];
}

async function scalarValue(shell: Shell, part: Parameter): Promise<string | undefined> {
  if (part.index === undefined) return shell.parameter(part.name);
  const index = await expandText(shell, part.index);
  const elements = shell.variables.elements(part.name);
  const direct = elements?.get(index);
  if (direct !== undefined || elements === undefined) return direct;
  const number = evaluateArithmetic(index, shell.arithmetic);
  return number < 0 ? [...elements.values()].at(number) : elements.get(String(number));
}

function listPieces(shell: Shell, part: Parameter, list: readonly string[], quoted: boolean): Piece[] {
  const star =
    part.name === '*' ||
    (part.index !== undefined && part.index.parts[0]?.kind === 'text' && part.index.parts[0].text === '*');
  if (quoted && star)
    return [{ text: list.join((shell.variables.get('IFS') ?? ' ').slice(0, 1)), quoted: true }];
  return list.map((text, index) => ({ text, quoted, ...(index > 0 && { gap: true }) }));
}

/** A field before path name expansion: its pieces, in which quoted characters are not patterns. */
type Field = readonly Piece[];

function splitFields(pieces: readonly Piece[], ifs: string): Field[] {
  const fields: Piece[][] = [];
  let field: Piece[] | undefined;
  const white = new Set([...ifs].filter((char) => /\s/.test(char)));
  const end = () => {
    if (field !== undefined) fields.push(field);
    field = undefined;
  };
  const add = (piece: Piece) => {
    if (field === undefined) field = [piece];
    else field.push(piece);
  };
  for (const piece of pieces) {
    if (piece.gap === true) end();
    if (piece.quoted || piece.literal === true || ifs === '') {
      if (piece.quoted || piece.text !== '') add(piece);
      continue;
    }
    let text = '';
    for (const char of piece.text) {
      if (!ifs.includes(char)) {
        text += char;
        continue;
      }
      if (text !== '') add({ text, quoted: false });
      else if (!white.has(char) && field === undefined) field = [{ text: '', quoted: true }];
      text = '';
      end();
    }
    if (text !== '') add({ text, quoted: false });
  }
  end();
  return fields;
}

function pathNames(shell: Shell, field: Field): string[] {
  const plain = field.map((piece) => piece.text).join('');
  if (shell.options.has('f') || !field.some((piece) => !piece.quoted && /[*?[]/.test(piece.text)))
    return [plain];
  const pattern = field
    .map((piece) => (piece.quoted ? piece.text.replace(/[\\*?[\]]/g, '\\$&') : piece.text))
    .join('');
  if (!isPattern(pattern)) return [plain];
  const found = globPaths(shell.process.files, pattern, shell.process.cwd);
  return found.length > 0 ? found : [unescapePattern(pattern)];
}
