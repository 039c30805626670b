import { ScriptError } from './script-error.js';

/** Characters that end an unquoted word. */
const wordEnd = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', '']);

/** A cursor over a script's text, with the here-documents that wait for the next line end. */
export class Scanner {
  position = 0;
  private readonly pending: { delimiter: string; stripTabs: boolean; accept: (text: string) => void }[] = [];

  constructor(
    readonly text: string,
    private readonly firstLine = 1,
  ) {}

  /** The line of the cursor, from 1. */
  get line(): number {
    let line = this.firstLine;
    for (let index = this.text.indexOf('\n'); index >= 0 && index < this.position; ) {
      line += 1;
      index = this.text.indexOf('\n', index + 1);
    }
    return line;
  }

  peek(offset = 0): string {
    return this.text[this.position + offset] ?? '';
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.position);
  }

  next(): string {
    const char = this.text[this.position] ?? '';
    this.position += 1;
    return char;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  get atWordEnd(): boolean {
    return wordEnd.has(this.peek());
  }

  /** Skips blanks, line continuations and comments; not newlines. */
  skipBlanks(): void {
    for (;;) {
      const char = this.peek();
      if (char === ' ' || char === '\t' || char === '\r') this.position += 1;
      else if (char === '\\' && this.peek(1) === '\n') this.position += 2;
      else if (char === '#') {
        while (!this.atEnd && this.peek() !== '\n') this.position += 1;
      } else return;
    }
  }

  /** Consumes a newline and the here-documents announced on the line before it. */
  newline(): void {
    this.position += 1;
    this.readHereDocuments();
  }

  /** Skips blanks, comments and any number of newlines. */
  skipLines(): void {
    for (;;) {
      this.skipBlanks();
      if (this.peek() !== '\n') return;
      this.newline();
    }
  }

  /** Announces a here-document whose body begins after this line. */
  expectHereDocument(delimiter: string, stripTabs: boolean, accept: (text: string) => void): void {
    this.pending.push({ delimiter, stripTabs, accept });
  }

  /** Reads the bodies that were announced; also called at the end of the script. */
  readHereDocuments(): void {
    for (const { delimiter, stripTabs, accept } of this.pending.splice(0)) {
      let body = '';
      for (;;) {
        if (this.atEnd) break;
        const end = this.text.indexOf('\n', this.position);
        const raw = end < 0 ? this.text.slice(this.position) : this.text.slice(this.position, end);
        this.position = end < 0 ? this.text.length : end + 1;
        const line = stripTabs ? raw.replace(/^\t+/, '') : raw;
        if (line === delimiter) break;
        body += `${line}\n`;
      }
      accept(body);
    }
  }

  fail(message: string): never {
    throw new ScriptError(message, this.line);
  }
}
