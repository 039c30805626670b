/** Longest line that a terminal in canonical mode passes on; what is typed beyond it is lost until the line ends. */
export const MAX_LINE_BYTES = 4095;

const INTERRUPT = 3;
const END_OF_INPUT = 4;
const CARRIAGE_RETURN = 13;
const NEWLINE = 10;
const ERASE = new Set([8, 127]);
const KILL_LINE = 21;

/** What a terminal's line discipline does with typed bytes. */
export interface TerminalLine {
  type(bytes: Uint8Array): void;
  /** Switched by `stty echo` and `stty -echo`. */
  echo: boolean;
}

/** Who listens behind a terminal: to whole lines (their newline included), to Ctrl-C, to Ctrl-D on an empty line. */
export interface LineListener {
  line(text: string): void;
  interrupt(): void;
  endOfInput(): void;
  echo(text: string): void;
}

/** A line discipline in canonical mode (termios(3)): lines, echo, erase, kill, interrupt. Text is byte strings. */
export function createTerminalLine(listener: LineListener): TerminalLine {
  let pending = '';
  let shown = '';
  const line: TerminalLine = {
    echo: true,
    type: (bytes) => {
      for (const byte of bytes) take(byte);
      flush();
    },
  };
  const show = (text: string) => {
    if (line.echo) shown += text;
  };
  // What was typed together is echoed together, before anything answers it.
  const flush = () => {
    if (shown === '') return;
    const text = shown;
    shown = '';
    listener.echo(text);
  };
  const take = (byte: number) => {
    if (byte === INTERRUPT) {
      pending = '';
      show('^C\r\n');
      flush();
      listener.interrupt();
    } else if (byte === END_OF_INPUT && pending === '') {
      flush();
      listener.endOfInput();
    } else if (ERASE.has(byte)) {
      if (pending !== '') show('\b \b');
      pending = pending.slice(0, -1);
    } else if (byte === KILL_LINE) pending = '';
    else if (byte === NEWLINE || byte === CARRIAGE_RETURN) {
      show('\r\n');
      const text = `${pending}\n`;
      pending = '';
      flush();
      listener.line(text);
    } else if (pending.length < MAX_LINE_BYTES) {
      pending += String.fromCharCode(byte);
      show(String.fromCharCode(byte));
    }
  };
  return line;
}
