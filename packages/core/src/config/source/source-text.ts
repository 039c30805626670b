import type { SourcePosition } from '../config-problem.js';

/** The text of one file, with its lines known, so that offsets become positions. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[];
}

/** Indexes a file's text. `\n`, `\r\n` and a lone `\r` end a line. */
export function createSourceText(file: string, text: string): SourceText {
  const lineStarts = [0];
  for (let offset = 0; offset < text.length; offset += 1) {
    const code = text.charCodeAt(offset);
    if (code === 10 || (code === 13 && text.charCodeAt(offset + 1) !== 10)) lineStarts.push(offset + 1);
  }
  return { file, text, lineStarts };
}

/** Line and column, both counted from 1, of an offset; an offset past the end is the end. */
export function positionAt(source: SourceText, offset: number): SourcePosition {
  const wanted = Math.max(0, Math.min(offset, source.text.length));
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return { file: source.file, line: low + 1, column: wanted - (source.lineStarts[low] ?? 0) + 1 };
}
