import type { ProxmoxClient } from '../client/proxmox-client.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import type { GuestKind } from '../guests/guest-ref.js';
import type { WebSocketConnection } from '../transport/open-websocket.js';

/** Which terminal, and how large. */
export interface TerminalOptions {
  /** `qemu` opens the machine's serial display, `lxc` what `cmode` says: with `shell` a root shell without login. */
  readonly kind: GuestKind;
  readonly node: string;
  readonly vmid: number;
  /** Of machines: which serial port; default the first configured. */
  readonly serial?: 'serial0' | 'serial1' | 'serial2' | 'serial3';
  /** Default 80 × 24. */
  readonly columns?: number;
  readonly rows?: number;
  readonly signal?: AbortSignal;
}

/** A terminal of a guest: what is written is typed, what the guest prints comes out. */
export interface Terminal {
  /** What the guest prints, as it comes, to the end of the connection. To be read once. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Types bytes, or text as UTF-8. */
  write(input: Uint8Array | string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Closes the connection; the shell behind it goes on. */
  close(): void;
  /** The task that stands for the open terminal. */
  readonly upid: string;
}

const PIECE = 65_536;
const PING_MS = 30_000;

/**
 * Opens a terminal over the websocket of termproxy. Two that open a container's terminal share one shell and see each other type.
 * A stopped container answers too and then only prints an error: look at its status first.
 * Machines need a serial port. Tokens need Proxmox VE with the updates of April 2026; before, the terminal closes at once and only
 * a ticket of a user works.
 * @throws ProxmoxError PVE_TERMINAL when it closes before it is ready, PVE_PERMISSION without VM.Console, PVE_NOT_FOUND
 */
export async function openTerminal(client: ProxmoxClient, options: TerminalOptions): Promise<Terminal> {
  const { kind, node, vmid, signal } = options;
  const { user, ticket, port, upid, endpoint } = await requestTerminal(client, options);
  // The port is open on the node that answered, so the websocket must go there too.
  const socket = await client.openWebSocket({
    path: `/nodes/${encodeURIComponent(node)}/${kind}/${vmid}/vncwebsocket`,
    query: `port=${port}&vncticket=${encodeURIComponent(ticket)}`,
    endpoint,
    secrets: [ticket],
    timeoutMs: client.deadlines.terminal,
    ...(signal ? { signal } : {}),
  });
  await socket.send(Buffer.from(`${user}:${ticket}\n`));
  const messages = socket.messages[Symbol.asyncIterator]();
  const first = await firstMessage(messages, socket, `${kind}/${vmid}`, client.deadlines.terminal);
  const send = (text: string): Promise<void> => socket.send(Buffer.from(text));
  const resize = (columns: number, rows: number): Promise<void> => send(`1:${columns}:${rows}:`);
  await resize(options.columns ?? 80, options.rows ?? 24);
  const pings = setInterval(() => {
    send('2').catch(() => clearInterval(pings));
  }, PING_MS);
  pings.unref();

  async function* output(): AsyncGenerator<Uint8Array> {
    try {
      if (first.byteLength > 0) yield first;
      for (let next = await messages.next(); !next.done; next = await messages.next()) yield next.value;
    } finally {
      clearInterval(pings);
    }
  }

  return {
    output: output(),
    resize,
    upid,
    async write(input) {
      const bytes = Buffer.from(input);
      for (let offset = 0; offset < bytes.byteLength; offset += PIECE) {
        const piece = bytes.subarray(offset, offset + PIECE);
        await socket.send(Buffer.concat([Buffer.from(`0:${piece.byteLength}:`), piece]));
      }
    },
    close() {
      clearInterval(pings);
      socket.close();
    },
  };
}

async function requestTerminal(client: ProxmoxClient, { kind, node, vmid, serial, signal }: TerminalOptions) {
  const asked = signal ? { signal } : {};
  const { data, endpoint } =
    kind === 'lxc'
      ? await client.exchange('POST /nodes/{node}/lxc/{vmid}/termproxy', { node, vmid }, asked)
      : await client.exchange(
          'POST /nodes/{node}/qemu/{vmid}/termproxy',
          { node, vmid, ...(serial === undefined ? {} : { serial }) },
          asked,
        );
  return { ...data, endpoint };
}

/** `OK` opens the terminal; what follows it in the same message is output already. */
async function firstMessage(
  messages: AsyncIterator<Buffer>,
  socket: WebSocketConnection,
  guest: string,
  timeoutMs: number,
): Promise<Buffer> {
  const timer = setTimeout(() => socket.close(), timeoutMs);
  try {
    const { done, value } = await messages.next();
    if (!done && value.subarray(0, 2).toString('latin1') === 'OK') return value.subarray(2);
    socket.close();
    throw new ProxmoxError(
      'PVE_TERMINAL',
      `the terminal of ${guest} did not open: expected OK, got ${done ? 'the end of the connection' : `${value.byteLength} bytes of something else`}`,
    );
  } finally {
    clearTimeout(timer);
  }
}
