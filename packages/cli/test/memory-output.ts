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
      text += part;
    },
    isTerminal,
    columns: () => columns,
    rows: () => rows,
    text: () => text,
  };
}

/** What stands on a terminal after a text with cursor movements was written to it: rows without trailing blanks. */
export function screenOf(text: string): readonly string[] {
  const rows: string[] = [''];
  let row = 0;
  let column = 0;
  const tokens = text.match(/\u001b\[[?0-9;]*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g) ?? [];
  for (const token of tokens) {
    const up = /^\u001b\[(\d+)A$/.exec(token);
    if (up !== null) row = Math.max(0, row - Number(up[1]));
    else if (token === '\u001b[J') rows.splice(row, rows.length, (rows[row] ?? '').slice(0, column));
    else if (token === '\r') column = 0;
    else if (token === '\n') {
      row += 1;
      column = 0;
      rows[row] ??= '';
    } else if (!token.startsWith('\u001b')) {
      const before = (rows[row] ?? '').padEnd(column);
      rows[row] = before.slice(0, column) + token + before.slice(column + token.length);
      column += token.length;
    }
  }
  return rows.map((line) => line.trimEnd());
}
