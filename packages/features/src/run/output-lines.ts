/** A longer line is cut into several. */
const LONGEST_LINE = 16_384;

/** Turns bytes of a log into lines as they arrive. */
export interface OutputLines {
  /** Yields the lines that are complete now. */
  push(bytes: Uint8Array): string[];
  /** Yields the last line, if it had no end. */
  end(): string[];
}

/**
 * Yields a splitter of UTF-8 text that arrives in pieces of any length. What is no UTF-8 becomes U+FFFD; terminal
 * sequences and control characters disappear; of a line that overwrites itself with CR only the last text is left.
 */
export function createOutputLines(): OutputLines {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  const split = (text: string): string[] => {
    const pieces = (rest + text).split('\n');
    rest = pieces.pop() ?? '';
    const lines = pieces.flatMap((piece) => cut(piece));
    while (rest.length > 2 * LONGEST_LINE) {
      lines.push(...cut(rest.slice(0, LONGEST_LINE)));
      rest = rest.slice(LONGEST_LINE);
    }
    return lines;
  };
  return {
    push: (bytes) => split(decoder.decode(bytes, { stream: true })),
    end: () => {
      const lines = split(decoder.decode());
      const last = rest;
      rest = '';
      return last === '' ? lines : [...lines, ...cut(last)];
    },
  };
}

function cut(line: string): string[] {
  const clean = cleanLine(line);
  if (clean.length <= LONGEST_LINE) return [clean];
  const pieces: string[] = [];
  for (let offset = 0; offset < clean.length; offset += LONGEST_LINE)
    pieces.push(clean.slice(offset, offset + LONGEST_LINE));
  return pieces;
}

function cleanLine(line: string): string {
  const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  return (
    shown
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are what is removed here
      .replaceAll(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
  );
}
