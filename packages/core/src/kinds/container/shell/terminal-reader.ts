import type { Terminal } from '@phoenix/proxmox-client';

/** Output that is kept while nothing is waited for: enough to find a marker in, however much a guest prints. */
const keptCharacters = 4 * 2 ** 20;

/** What a terminal prints, as it comes, as latin-1 text; waits for a pattern in it. */
export class TerminalReader {
  #text = '';
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(terminal: Pick<Terminal, 'output'>) {
    void this.#collect(terminal);
  }

  /** The connection has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The first match; what stands before its end is forgotten. Undefined when it does not come in time, or the connection ends.
   * @throws the reason of `signal`
   */
  async waitFor(
    pattern: RegExp,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<RegExpExecArray | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) {
        this.#text = this.#text.slice(match.index + match[0].length);
        return match;
      }
      signal.throwIfAborted();
      const left = deadline - performance.now();
      if (this.#ended || left <= 0) return undefined;
      await this.#next(left, signal);
    }
  }

  async #collect(terminal: Pick<Terminal, 'output'>): Promise<void> {
    try {
      for await (const piece of terminal.output) {
        this.#text = `${this.#text}${Buffer.from(piece).toString('latin1')}`.slice(-keptCharacters);
        this.#wake?.();
      }
    } catch {
      // The end of the connection shows as a missing marker.
    } finally {
      this.#ended = true;
      this.#wake?.();
    }
  }

  #next(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
