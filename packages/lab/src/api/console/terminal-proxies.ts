import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Caller } from '../../access/access.js';
import { failure } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { TaskRun } from '../../tasks/tasks.js';
import { createTerminalReader } from './terminal-protocol.js';
import { createFrameReader, opcodes, printFrame } from './websocket-frames.js';

const FIRST_PORT = 5900;
const LAST_PORT = 5999;
/** termproxy gives up when nobody connects, or sends the ticket line, within this time. */
const PATIENCE_MS = 10_000;

/** What a terminal is attached to once its client has proven who it is. */
export interface TerminalEndpoint {
  readonly input: (bytes: Uint8Array) => void;
  readonly detach: () => void;
}

/** A terminal to offer: `attach` is called when the client is in; `command` is what PVE's task would run, for its error text. */
export interface TerminalOffer {
  /** The object that the ticket is good for: `/vms/100`. */
  readonly path: string;
  readonly vmid: number;
  readonly command: (port: number) => string;
  readonly attach: (output: (bytes: Uint8Array) => void, ended: () => void) => TerminalEndpoint;
}

interface Waiting {
  readonly offer: TerminalOffer;
  readonly authid: string;
  readonly ticket: string;
  readonly connected: (socket: Duplex, head: Buffer, key: string, protocol: string | undefined) => void;
}

const waiting = new WeakMap<Lab, Map<string, Waiting>>();

function proxiesOf(lab: Lab): Map<string, Waiting> {
  const known = waiting.get(lab) ?? new Map<string, Waiting>();
  waiting.set(lab, known);
  return known;
}

/** POST …/termproxy: starts the `vncproxy` task that waits for a websocket on the next free port, and answers how to reach it. */
export function offerTerminal(
  ctx: RequestContext,
  offer: TerminalOffer,
): { user: string; ticket: string; port: string; upid: string } {
  const { lab, node, caller } = ctx;
  const proxies = proxiesOf(lab);
  let port = FIRST_PORT;
  while (proxies.has(`${node}:${port}`)) port += 1;
  if (port > LAST_PORT) throw failure('unable to find free port (5900-5999)');
  const ticket = lab.authenticator.issueTerminalTicket(caller.authid, offer.path, port);
  const upid = ctx.startTask({
    type: 'vncproxy',
    id: offer.vmid,
    run: (task) => relay(lab, task, offer, { node, port, ticket, caller }),
  });
  return { user: caller.authid, ticket, port: String(port), upid };
}

/**
 * Takes a websocket over to the terminal that waits on a port. Its ticket has been verified.
 * @returns false when nothing waits there.
 */
export function connectTerminal(
  lab: Lab,
  node: string,
  port: number,
  client: { socket: Duplex; head: Buffer; key: string; protocol: string | undefined },
): boolean {
  const found = proxiesOf(lab).get(`${node}:${port}`);
  found?.connected(client.socket, client.head, client.key, client.protocol);
  return found !== undefined;
}

async function relay(
  lab: Lab,
  task: TaskRun,
  offer: TerminalOffer,
  at: { node: string; port: number; ticket: string; caller: Caller },
): Promise<void> {
  const proxies = proxiesOf(lab);
  const place = `${at.node}:${at.port}`;
  task.log(`starting termproxy ${task.upid}`);
  try {
    const succeeded = await new Promise<boolean>((resolve) => {
      const giveUp = lab.clock.schedule(PATIENCE_MS, () => resolve(false));
      task.signal.addEventListener('abort', () => resolve(false), { once: true });
      proxies.set(place, {
        offer,
        authid: at.caller.authid,
        ticket: at.ticket,
        connected: (socket, head, key, protocol) => {
          // A ticket is good for one connection.
          proxies.delete(place);
          giveUp();
          const { authid } = at.caller;
          // An older termproxy knows tickets of users only.
          const refused =
            authid.includes('!') && lab.state.nodes[at.node]?.lacks?.includes('token-terminals');
          const expected = refused === true ? undefined : `${authid}:${at.ticket}`;
          serve(lab, offer, { socket, head, key, protocol }, expected, resolve);
        },
      });
    });
    if (!succeeded) throw new Error(`command '${offer.command(at.port)}' failed: exit code 1`);
  } finally {
    proxies.delete(place);
  }
}

function serve(
  lab: Lab,
  offer: TerminalOffer,
  client: { socket: Duplex; head: Buffer; key: string; protocol: string | undefined },
  expected: string | undefined,
  done: (succeeded: boolean) => void,
): void {
  const { socket } = client;
  let endpoint: TerminalEndpoint | undefined;
  let line = Buffer.alloc(0);
  let over = false;
  const finish = (succeeded: boolean) => {
    if (over) return;
    over = true;
    endpoint?.detach();
    socket.end(printFrame(opcodes.close, Buffer.from([3, 232])));
    done(succeeded);
  };
  const patience = lab.clock.schedule(PATIENCE_MS, () => finish(false));
  const send = (bytes: Uint8Array) => {
    if (!over) socket.write(printFrame(opcodes.binary, bytes));
  };
  const readTerminal = createTerminalReader((message) => {
    if (message.kind === 'input') endpoint?.input(message.bytes);
  });
  const onBytes = (bytes: Buffer) => {
    if (endpoint !== undefined) return readTerminal(bytes);
    line = Buffer.concat([line, bytes]);
    const end = line.indexOf(10);
    if (end < 0) return;
    if (line.subarray(0, end).toString('utf8') !== expected) return finish(false);
    patience();
    send(Buffer.from('OK'));
    endpoint = offer.attach(send, () => finish(false));
    readTerminal(line.subarray(end + 1));
  };
  const readFrames = createFrameReader(({ opcode, payload }) => {
    if (opcode === opcodes.ping) socket.write(printFrame(opcodes.pong, payload));
    else if (opcode === opcodes.close) finish(endpoint !== undefined);
    else if (opcode === opcodes.text || opcode === opcodes.binary) onBytes(payload);
  });
  socket.write(handshake(client.key, client.protocol));
  socket.on('data', readFrames);
  for (const event of ['end', 'close', 'error']) socket.on(event, () => finish(endpoint !== undefined));
  readFrames(client.head);
}

/** The answer that turns the connection into a websocket (RFC 6455); the wanted subprotocol is echoed, whatever it is. */
function handshake(key: string, protocol: string | undefined): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
  ];
  if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
