import { openTerminal, type ProxmoxClient } from '@phoenix/proxmox-client';
import { pause } from '../../apply/pause.js';

/** What a guest said on its serial console since somebody listened. */
export interface ConsoleWatch {
  /** The last lines, oldest first; at most `count`. */
  lines(count: number): readonly string[];
  /** The same, after the guest was asked for a sign of life when it had said nothing so far: Enter makes a login prompt appear. */
  finalLines(count: number): Promise<readonly string[]>;
  close(): void;
}

const KEPT_BYTES = 16_384;
const ANSWER_MS = 1500;
/** By the program on the node that connects the port (qemu-server, `qm terminal`). */
const announcement = /^starting serial terminal on interface/;
/** What cloud-init draws on every first boot, and nobody who looks for a fault wants to see: tables of addresses, pictures of keys. */
const ornament =
  /(?:^|cloud-init\[\d+\]: )(?:ci-info: |\+-+\[[\w ]+\]-+\+$|\|.{17}\|$|The key's randomart image is:$)/;

/**
 * Listens to the serial console of a machine in the background. A machine without one, a token without VM.Console and a Proxmox VE that lets no token in
 * are all no error here: there are just no lines. While it listens nobody else can use that console.
 */
export function watchConsole(
  client: ProxmoxClient,
  machine: { readonly node: string; readonly vmid: number },
  signal: AbortSignal,
): ConsoleWatch {
  const own = new AbortController();
  const decoder = new TextDecoder();
  let text = '';
  const terminal = openTerminal(client, {
    kind: 'qemu',
    node: machine.node,
    vmid: machine.vmid,
    serial: 'serial0',
    signal: AbortSignal.any([signal, own.signal]),
  });
  const listen = async (): Promise<void> => {
    const { output, close } = await terminal;
    own.signal.addEventListener('abort', close, { once: true });
    if (own.signal.aborted) close();
    for await (const bytes of output) {
      text = (text + decoder.decode(bytes, { stream: true })).slice(-KEPT_BYTES);
    }
  };
  listen().catch(() => {});
  const lines = (count: number): readonly string[] => readConsoleLines(text).slice(-count);
  return {
    lines,
    finalLines: async (count) => {
      if (lines(1).length === 0) {
        const answered = terminal.then((open) => open.write('\n')).catch(() => {});
        await Promise.race([answered, pause(ANSWER_MS, signal)]);
        await pause(ANSWER_MS, signal);
      }
      return lines(count);
    },
    close: () => own.abort(),
  };
}

/** Escape sequences of terminals (ECMA-48: control sequences, operating system commands, character sets) and lone control characters. */
const [esc, bell] = [String.fromCharCode(27), String.fromCharCode(7)];
const escapes = new RegExp(
  `${esc}(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)|[()][0-9A-B]|[@-_a-z])`,
  'g',
);
const controls = /(?!\t)\p{Cc}/gu;

/** Console output as lines of text: without control sequences, overwritten text, ornaments and empty lines. */
export function readConsoleLines(text: string): readonly string[] {
  return text
    .replace(escapes, '')
    .split(/\r*\n/)
    .map((line) => (line.split('\r').at(-1) ?? '').replace(controls, '').trimEnd())
    .filter((line) => line !== '' && !announcement.test(line) && !ornament.test(line));
}
