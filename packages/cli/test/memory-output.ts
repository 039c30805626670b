import type { Output } from '../src/context.js';

/** An output that keeps what is written, as a terminal or not. */
export function createMemoryOutput(
  isTerminal = false,
  columns = 80,
  rows = 24,
): Output & { readonly text: () => string } {
  let text = '';
  return {
    write: (part) => {
      text += typeof part === 'string' ? part : new TextDecoder().decode(part);
    },
    isTerminal,
    columns: () => columns,
    rows: () => rows,
    text: () => text,
  };
}

const ESC = '\u001b';
const TOKENS = new RegExp(`${ESC}\\[[?0-9;]*[A-Za-z]|\\r|\\n|[^${ESC}\\r\\n]+`, 'g');

/** What stands on a terminal after a text with cursor movements was written to it: rows without trailing blanks. */
export function screenOf(text: string): readonly string[] {
  const rows: string[] = [''];
  let row = 0;
  let column = 0;
  for (const token of text.match(TOKENS) ?? []) {
    if (token === `${ESC}[J`) rows.splice(row, rows.length, (rows[row] ?? '').slice(0, column));
    else if (token.startsWith(ESC)) row -= token.endsWith('A') ? Number(token.slice(2, -1)) : 0;
    else if (token === '\r') column = 0;
    else if (token === '\n') {
      row += 1;
      column = 0;
      rows[row] ??= '';
    } else {
      const before = (rows[row] ?? '').padEnd(column);
      rows[row] = before.slice(0, column) + token + before.slice(column + token.length);
      column += token.length;
    }
  }
  return rows.map((line) => line.trimEnd());
}
