import type { JsonObject, JsonValue } from '../seed.js';

/** Texts that stay texts without quotes, for YAML 1.1 readers (PyYAML, in cloud-init) and 1.2 readers alike. */
const PLAIN = /^[A-Za-z_/][\w./@+-]*(?: [\w./@+-]+)*$/;
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
/** Characters that both readers take as they are; the further line breaks of YAML 1.1 are not among them. */
const PRINTABLE = /^[\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]$/u;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
};

/**
 * Plain data as a YAML document that readers of YAML 1.1 and 1.2 understand alike: whatever could be taken for
 * something else is quoted, texts of several lines stand in literal blocks. Keys keep their order. Halves of
 * surrogate pairs, which UTF-8 cannot hold, become U+FFFD. Ends with a line break.
 */
export function toYaml(value: JsonObject): string {
  return `${mapping(value, 0).replace(/^ |^\n/, '')}\n`;
}

/** What stands behind a colon or dash of a collection whose items begin at column `indent`. */
function node(value: JsonValue, indent: number): string {
  if (isList(value)) return sequence(value, indent + 2);
  if (typeof value === 'object' && value !== null) return mapping(value, indent + 2);
  if (typeof value === 'string' && isBlock(value)) return block(value, indent + 2);
  return ` ${scalar(value)}`;
}

function mapping(value: JsonObject, indent: number): string {
  const entries = Object.entries(value);
  if (entries.length === 0) return ' {}';
  const pad = ' '.repeat(indent);
  return entries.map(([key, entry]) => `\n${pad}${scalar(key)}:${node(entry, indent)}`).join('');
}

function sequence(value: readonly JsonValue[], indent: number): string {
  if (value.length === 0) return ' []';
  const pad = ' '.repeat(indent);
  return value
    .map((item) => {
      const text = node(item, indent);
      // The first line of a collection moves up beside its dash.
      return `\n${pad}-${text.startsWith('\n') ? ` ${text.trimStart()}` : text}`;
    })
    .join('');
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isBlock(text: string): boolean {
  if (!text.includes('\n') || !/\S/.test(text)) return false;
  for (const character of text) if (character !== '\n' && !PRINTABLE.test(character)) return false;
  return true;
}

function block(text: string, indent: number): string {
  const trailing = /\n*$/.exec(text)?.[0].length ?? 0;
  const chomping = trailing === 0 ? '-' : trailing === 1 ? '' : '+';
  const indicator = /^[ \t\n]/.test(text) ? '2' : '';
  const pad = ' '.repeat(indent);
  const lines = (trailing === 0 ? text : text.slice(0, -1)).split('\n');
  return ` |${indicator}${chomping}\n${lines.map((line) => (line === '' ? '' : pad + line)).join('\n')}`;
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'null';
  if (typeof value === 'number' && Object.is(value, -0)) return '0';
  if (typeof value !== 'string') return String(value);
  if (PLAIN.test(value) && !RESERVED.test(value)) return value;
  return `"${[...value].map(quoted).join('')}"`;
}

function quoted(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  if (PRINTABLE.test(character)) return character;
  const code = character.charCodeAt(0);
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
}
