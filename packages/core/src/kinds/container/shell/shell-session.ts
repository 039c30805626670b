import { randomBytes } from 'node:crypto';
import type { Terminal } from '@phoenix/proxmox-client';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { TerminalReader } from './terminal-reader.js';

/** Base64 goes in as here-documents of lines of this length: a terminal in canonical mode takes at most 4095 bytes a line. */
const lineBytes = 76;
const longestLine = 4095;
/** A shell that has just started throws away what is typed in its first moments: the handshake is repeated until it is answered. */
const handshakeMs = 1000;
const handshakes = 15;
/** Times that an answer is asked for again; somebody else at the terminal may have swallowed it. */
const repetitions = 4;

/** A quiet shell in an open terminal. */
export interface ShellSession {
  /**
   * Types one line, which may be repeated at will, and yields what it printed between two markers that are its own.
   * The line prints with `printf '%s' …`; the markers are put around it.
   * @throws {PhoenixError} `PHOENIX_TERMINAL` when no answer comes
   */
  ask(line: string, timeoutMs: number): Promise<string>;
  /** Types a file as a here-document of base64; whether it arrived whole is for the caller to check. */
  typeFile(path: string, content: Uint8Array): Promise<void>;
  /** Types a line without waiting for anything. */
  type(line: string): Promise<void>;
  close(): void;
}

/** Why a terminal gave nothing usable; `closed`: its shell ended, and the next one to come gets a new one. */
export function brokenTerminal(vmid: number, what: string, closed = false): PhoenixError {
  return new PhoenixError({
    code: 'PHOENIX_TERMINAL',
    message: `The terminal of container ${vmid} ${what}.`,
    hint: 'Close other consoles of the container; its terminal is shared with everybody who opens it.',
    details: { vmid, closed },
  });
}

/** Two halves of a marker: typed apart, printed together, so that an echo of what was typed does not match. */
function drawMarker(): readonly [string, string] {
  return [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')];
}

/**
 * Quietens the shell in an open terminal of a container. Begins with Ctrl-C: an unfinished line of somebody before would swallow everything.
 * The terminal is closed when that fails.
 * @throws {PhoenixError} `PHOENIX_TERMINAL` when no shell answers
 */
export async function startShellSession(
  terminal: Pick<Terminal, 'output' | 'write' | 'close'>,
  vmid: number,
  signal: AbortSignal,
): Promise<ShellSession> {
  const reader = new TerminalReader(terminal);

  const quieten = async () => {
    for (let attempt = 0; attempt < handshakes; attempt += 1) {
      const [first, second] = drawMarker();
      await terminal.write('\x03');
      await terminal.write(
        `\n stty -echo -onlcr; PS1= PS2= PROMPT_COMMAND= HISTFILE=; printf '%s%s\\n' ${first} ${second}\n`,
      );
      if ((await reader.waitFor(new RegExp(`${first}${second}`), handshakeMs, signal)) !== undefined) return;
      if (reader.ended) throw brokenTerminal(vmid, 'was closed', true);
    }
    throw brokenTerminal(
      vmid,
      'has no shell that answers: it asks for a login unless `cmode: shell` was set when the container started, or a program of somebody else occupies it',
    );
  };

  const type = async (line: string) => {
    const bytes = Buffer.byteLength(line) + 1;
    if (bytes > longestLine) throw new TypeError(`a line of ${bytes} bytes would hang the terminal`);
    await terminal.write(`${line}\n`);
  };

  try {
    await quieten();
  } catch (error) {
    terminal.close();
    throw error;
  }
  return {
    ask: async (line, timeoutMs) => {
      for (let attempt = 0; attempt < repetitions; attempt += 1) {
        if (attempt > 0) await quieten();
        const [begin, half] = drawMarker();
        const end = randomBytes(6).toString('hex');
        await type(`printf '%s%s:' ${begin} ${half}; ${line}; printf ':%s%s\\n' ${end} ${half}`);
        const pattern = new RegExp(`${begin}${half}:([^]*?):${end}${half}`);
        const match = await reader.waitFor(pattern, timeoutMs, signal);
        if (match !== undefined) return match[1] ?? '';
        if (reader.ended) throw brokenTerminal(vmid, 'was closed', true);
      }
      throw brokenTerminal(vmid, 'swallows answers: somebody else is at it');
    },
    typeFile: async (path, content) => {
      const text = Buffer.from(content).toString('base64');
      const mark = `END${randomBytes(4).toString('hex')}`;
      const lines = text.match(new RegExp(`.{1,${lineBytes}}`, 'g')) ?? [];
      await terminal.write(
        `base64 -d >${path} <<'${mark}'\n${lines.map((line) => `${line}\n`).join('')}${mark}\n`,
      );
    },
    type,
    close: () => terminal.close(),
  };
}
