import { randomBytes } from 'node:crypto';
import type { GuestCommandResult } from '@phoenix/features';
import { openTerminal, type ProxmoxClient, type Terminal } from '@phoenix/proxmox-client';
import { PhoenixError } from '../../errors/phoenix-error.js';

/** Base64 goes in as here-documents of lines of this length: a terminal in canonical mode takes at most 4095 bytes a line. */
const lineBytes = 76;
/** A shell that has just started throws away what is typed in its first moments: the handshake is repeated until it is answered. */
const handshakeMs = 1000;
const handshakes = 15;

/** A quiet shell in an open terminal. */
export interface ShellSession {
  /** Runs a script of one line with `stdin`; its outputs come whole. */
  run(
    script: string,
    options: { readonly timeoutMs: number; readonly stdin?: Uint8Array },
  ): Promise<GuestCommandResult>;
  close(): void;
}

function broken(vmid: number, what: string): PhoenixError {
  return new PhoenixError({
    code: 'PHOENIX_TERMINAL',
    message: `The terminal of container ${vmid} ${what}.`,
    hint: 'Close other consoles of the container; its terminal is shared with everybody who opens it.',
    details: { vmid },
  });
}

/** Two halves of a marker: typed apart, printed together, so that an echo of what was typed does not match. */
function drawMarker(): readonly [string, string] {
  return [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')];
}

/** What a terminal prints, as it comes; waits for a pattern. */
class TerminalReader {
  #text = '';
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(
    terminal: Terminal,
    private readonly vmid: number,
  ) {
    void this.#collect(terminal);
  }

  async #collect(terminal: Terminal): Promise<void> {
    try {
      for await (const piece of terminal.output) {
        this.#text += Buffer.from(piece).toString('latin1');
        this.#wake?.();
      }
    } catch {
      // The end of the connection shows as a missing marker.
    } finally {
      this.#ended = true;
      this.#wake?.();
    }
  }

  /** The first match; what stands before its end is forgotten. Undefined when it does not come in time. */
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
      if (this.#ended) throw broken(this.vmid, 'was closed');
      const left = deadline - performance.now();
      if (left <= 0) return undefined;
      await this.#next(left, signal);
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

/**
 * Opens the container's terminal and quietens the shell in it. Begins with Ctrl-C: an unfinished line of somebody before would swallow everything.
 * @throws {PhoenixError} `PHOENIX_TERMINAL` when no shell answers; ProxmoxError of the calls
 */
export async function openShellSession(
  client: ProxmoxClient,
  { node, vmid }: { readonly node: string; readonly vmid: number },
  signal: AbortSignal,
): Promise<ShellSession> {
  const terminal = await openTerminal(client, { kind: 'lxc', node, vmid, signal });
  const reader = new TerminalReader(terminal, vmid);
  try {
    await quieten(terminal, reader, vmid, signal);
  } catch (error) {
    terminal.close();
    throw error;
  }
  return {
    run: (script, options) => runScript(terminal, reader, vmid, script, options, signal),
    close: () => terminal.close(),
  };
}

async function quieten(
  terminal: Terminal,
  reader: TerminalReader,
  vmid: number,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; attempt < handshakes; attempt += 1) {
    const [first, second] = drawMarker();
    await terminal.write('\x03');
    await terminal.write(
      `\n stty -echo -onlcr; PS1= PS2= PROMPT_COMMAND= HISTFILE=; printf '%s%s\\n' ${first} ${second}\n`,
    );
    if ((await reader.waitFor(new RegExp(`${first}${second}`), handshakeMs, signal)) !== undefined) return;
  }
  throw broken(
    vmid,
    'has no shell that answers: it asks for a login unless `cmode: shell` was set when the container started',
  );
}

async function runScript(
  terminal: Terminal,
  reader: TerminalReader,
  vmid: number,
  script: string,
  { timeoutMs, stdin }: { readonly timeoutMs: number; readonly stdin?: Uint8Array },
  signal: AbortSignal,
): Promise<GuestCommandResult> {
  const [begin, half] = drawMarker();
  const end = randomBytes(6).toString('hex');
  const directory = `/tmp/.phoenix-${begin}`;
  await terminal.write(`umask 077; mkdir ${directory}\n`);
  await typeFile(terminal, `${directory}/s`, Buffer.from(script));
  const input = stdin === undefined ? '/dev/null' : `${directory}/i`;
  if (stdin !== undefined) await typeFile(terminal, input, stdin);
  await terminal.write(
    `( cd / && exec sh ${directory}/s ) <${input} >${directory}/o 2>${directory}/e; C=$?; ` +
      `printf '%s%s\\n' ${begin} ${half}; base64 ${directory}/o; echo :; base64 ${directory}/e; ` +
      `printf ':%s:%s:%s:%s%s\\n' $C $(wc -c <${directory}/o) $(wc -c <${directory}/e) ${end} ${half}; rm -rf ${directory}\n`,
  );
  const pattern = new RegExp(`${begin}${half}\\s([^]*?):([^]*?):(\\d+):\\s*(\\d+):\\s*(\\d+):${end}${half}`);
  const match = await reader.waitFor(pattern, timeoutMs, signal);
  if (match === undefined) {
    await terminal.write('\x03');
    throw broken(vmid, `gave no result within ${Math.round(timeoutMs / 1000)} s`);
  }
  const [, out = '', err = '', code = '', outBytes = '', errBytes = ''] = match;
  const stdout = decode(out);
  const stderr = decode(err);
  // Two at one terminal make each other lose output.
  if (stdout.length !== Number(outBytes) || stderr.length !== Number(errBytes))
    throw broken(vmid, 'lost bytes: somebody else is attached to it');
  return { exitCode: Number(code), stdout, stderr, truncated: false };
}

async function typeFile(terminal: Terminal, path: string, content: Uint8Array): Promise<void> {
  const text = Buffer.from(content).toString('base64');
  const mark = `END${randomBytes(4).toString('hex')}`;
  const lines = text.match(new RegExp(`.{1,${lineBytes}}`, 'g')) ?? [];
  await terminal.write(
    `base64 -d >${path} <<'${mark}'\n${lines.map((line) => `${line}\n`).join('')}${mark}\n`,
  );
}

function decode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/[^A-Za-z0-9+/=]/g, ''), 'base64'));
}
