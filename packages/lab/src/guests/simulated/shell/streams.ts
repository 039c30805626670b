/** Where a process reads from. Data are byte strings. */
export interface InputStream {
  /** The next piece, at least one byte, at most `limit`; undefined at the end. */
  read(limit?: number): Promise<string | undefined>;
}

/** Where a process writes to. */
export interface OutputStream {
  /** Resolves when the data has been taken. Rejects with {@link BrokenPipe} when nobody reads any more. */
  write(data: string): Promise<void>;
}

/** Writing to a pipe whose reader has gone: SIGPIPE. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/** An open file of a process; several descriptors may share it. */
export interface OpenFile extends Partial<InputStream>, Partial<OutputStream> {
  /** How many descriptors hold it; the last one closes it. */
  holders: number;
  close(): void;
}

const pipeBytes = 65536;

/** A pipe: both ends, with back pressure. */
export function createPipe(): { input: OpenFile; output: OpenFile } {
  let buffer = '';
  let writerClosed = false;
  let readerClosed = false;
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const pause = () => new Promise<void>((resume) => waiting.push(resume));
  const input: OpenFile = {
    holders: 1,
    close: () => {
      readerClosed = true;
      wake();
    },
    read: async (limit = pipeBytes) => {
      while (buffer === '' && !writerClosed) await pause();
      if (buffer === '') return undefined;
      const piece = buffer.slice(0, limit);
      buffer = buffer.slice(limit);
      wake();
      return piece;
    },
  };
  const output: OpenFile = {
    holders: 1,
    close: () => {
      writerClosed = true;
      wake();
    },
    write: async (data) => {
      let rest = data;
      while (rest !== '') {
        if (readerClosed) throw new BrokenPipe();
        if (buffer.length >= pipeBytes) {
          await pause();
          continue;
        }
        buffer += rest.slice(0, pipeBytes);
        rest = rest.slice(pipeBytes);
        wake();
      }
      if (readerClosed) throw new BrokenPipe();
    },
  };
  return { input, output };
}

/** A file with this content to read from. */
export function textInput(text: string): OpenFile {
  let rest = text;
  return {
    holders: 1,
    close: () => {},
    read: (limit = pipeBytes) => {
      if (rest === '') return Promise.resolve(undefined);
      const piece = rest.slice(0, limit);
      rest = rest.slice(limit);
      return Promise.resolve(piece);
    },
  };
}

/** Collects what is written, at most `limitBytes` of it. */
export function collectOutput(limitBytes = Number.POSITIVE_INFINITY): {
  file: OpenFile;
  text: () => string;
  truncated: () => boolean;
} {
  const pieces: string[] = [];
  let length = 0;
  let truncated = false;
  return {
    file: {
      holders: 1,
      close: () => {},
      write: (data) => {
        const piece = data.slice(0, Math.max(0, limitBytes - length));
        if (piece.length < data.length) truncated = true;
        length += piece.length;
        if (piece !== '') pieces.push(piece);
        return Promise.resolve();
      },
    },
    text: () => pieces.join(''),
    truncated: () => truncated,
  };
}

/** Reads to the end. */
export async function readAll(input: OpenFile | undefined): Promise<string> {
  const pieces: string[] = [];
  for (;;) {
    const piece = await input?.read?.();
    if (piece === undefined) return pieces.join('');
    pieces.push(piece);
  }
}
