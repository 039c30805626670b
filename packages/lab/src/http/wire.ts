import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** A request's line and headers, and its body on demand. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  /** Header values by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly contentLength: number;
  /** The body's bytes as they come. May be read once; what is not read by the end of the response makes the connection close. */
  body(): AsyncIterable<Uint8Array>;
  /** Aborts when the connection is gone. */
  readonly signal: AbortSignal;
  /** Hands over the connection (websockets): the bytes that came already, and the socket. */
  takeOver(): { readonly socket: Duplex; readonly head: Buffer };
}

/** A response. `connection` is the value (or values) of that header; any value `close` without `Keep-Alive` ends the connection. */
export interface WireResponse {
  readonly status: number;
  readonly reason?: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Text goes out as UTF-8. */
  readonly body?: Buffer | string;
  readonly close: boolean;
}

/** What answers requests. `drop` closes the connection without an answer; `taken` leaves it to whoever took it over. */
export type WireHandler = (request: WireRequest) => Promise<WireResponse | 'drop' | 'taken'>;

const MAX_HEADER_BYTES = 8192;
const MAX_HEADER_LINES = 64;
const IDLE_MS = 5000;
const MAX_REQUESTS = 100;

const END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/**
 * Speaks HTTP/1.x on one connection as pveproxy does: no chunked bodies, small headers, five seconds of idleness, a hundred requests
 * (pve-http-server, AnyEvent.pm). Requests are answered one after the other.
 */
export function serveConnection(socket: Duplex, handler: WireHandler): void {
  let pending: Buffer = NOTHING;
  let busy = false;
  let served = 0;
  let bodyLeft = 0;
  let bodyReader: (() => void) | undefined;
  let taken = false;
  const gone = new AbortController();
  // Refreshed instead of made anew for each request; while one is being answered it does nothing.
  const idle = setTimeout(() => {
    if (!busy) socket.destroy();
  }, IDLE_MS);
  const rest = () => idle.refresh();
  const onData = (chunk: Buffer): void => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (bodyLeft > 0) {
      bodyReader?.();
      if (bodyReader === undefined && pending.length > 1 << 20) socket.pause();
    } else if (!busy) next();
  };
  const onEnd = (): void => {
    gone.abort();
    clearTimeout(idle);
    bodyReader?.();
    if (!taken) socket.destroy();
  };

  const refuse = (status: number, text: string): void => {
    busy = true;
    socket.end(
      printResponse({ status, reason: text, headers: COMMON, body: Buffer.from(text), close: true }, '1.1'),
    );
  };

  const next = (): void => {
    // An empty line before a request is tolerated, as the original does.
    while (pending[0] === 13 && pending[1] === 10) pending = pending.subarray(2);
    const end = pending.indexOf(END);
    if (end < 0) {
      if (pending.length > MAX_HEADER_BYTES) refuse(501, 'for data too large');
      return;
    }
    const head = pending.subarray(0, end).toString('latin1');
    pending = pending.subarray(end + END.length);
    busy = true;
    void answer(head);
  };

  const readBody = async function* (): AsyncGenerator<Uint8Array> {
    while (bodyLeft > 0) {
      if (pending.length > 0) {
        const part = pending.subarray(0, Math.min(bodyLeft, pending.length));
        pending = pending.subarray(part.length);
        bodyLeft -= part.length;
        yield part;
        continue;
      }
      if (gone.signal.aborted) throw new Error('connection closed while reading the request');
      socket.resume();
      await new Promise<void>((resolve) => {
        bodyReader = resolve;
      });
      bodyReader = undefined;
    }
  };

  const answer = async (head: string): Promise<void> => {
    const lines = head.split('\r\n');
    const line = /^([A-Za-z]+) (\S+) HTTP\/1\.([01])$/.exec(lines[0] ?? '');
    if (line === null || lines.length > MAX_HEADER_LINES)
      return refuse(506, 'http protocol version not supported');
    const headers = new Map<string, string>();
    for (const text of lines.slice(1)) {
      const at = text.indexOf(':');
      if (at <= 0) return refuse(506, `unable to parse http header`);
      const name = text.slice(0, at).toLowerCase();
      const value = text.slice(at + 1).trim();
      const earlier = headers.get(name);
      headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
    }
    const version = line[3] === '0' ? '1.0' : '1.1';
    const contentLength = Number.parseInt(headers.get('content-length') ?? '0', 10) || 0;
    bodyLeft = contentLength;
    const response = await handler({
      method: line[1] ?? 'GET',
      target: line[2] ?? '/',
      version,
      headers,
      contentLength,
      body: readBody,
      signal: gone.signal,
      takeOver: () => {
        taken = true;
        socket.removeListener('data', onData);
        return { socket, head: pending };
      },
    });
    if (response === 'taken') return;
    if (response === 'drop' || gone.signal.aborted) {
      socket.destroy();
      return;
    }
    served += 1;
    const wanted = headers.get('connection')?.toLowerCase();
    const close =
      response.close || wanted === 'close' || version === '1.0' || served >= MAX_REQUESTS || bodyLeft > 0;
    socket.write(printResponse({ ...response, close }, version));
    if (close) {
      finish();
      return;
    }
    busy = false;
    rest();
    if (pending.length > 0) next();
  };

  /** Ends the connection; what the client still sends is read and thrown away for a moment, so that it sees the answer and no reset. */
  const finish = (): void => {
    socket.end();
    socket.resume();
    pending = NOTHING;
    socket.removeListener('data', onData);
    socket.on('data', () => {});
    const linger = setTimeout(() => socket.destroy(), 2000);
    linger.unref();
    socket.once('close', () => clearTimeout(linger));
  };

  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('close', onEnd);
  socket.on('error', onEnd);
}

/** Headers that every answer has. */
export const COMMON: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'max-age=0'],
  ['Pragma', 'no-cache'],
  ['Server', 'pve-api-daemon/3.0'],
];

let dateText = '';
let dateSecond = 0;

/** The current date as HTTP writes it, made once per second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

function printResponse(response: WireResponse, version: '1.0' | '1.1'): Buffer | string {
  const { status, headers, body } = response;
  const reason = response.reason ?? STATUS_CODES[status] ?? '';
  let head = `HTTP/${version} ${status} ${reason}\r\n`;
  let connection = false;
  for (const [name, value] of headers) {
    if (name === 'Connection') {
      if (version === '1.0' && value !== 'close') continue;
      connection = true;
    }
    head += `${name}: ${value}\r\n`;
  }
  if (!connection) head += `Connection: ${response.close ? 'close' : 'Keep-Alive'}\r\n`;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0);
  const date = httpDate();
  head += `Date: ${date}\r\nExpires: ${date}\r\nContent-Length: ${length}\r\n\r\n`;
  if (body === undefined) return head;
  return typeof body === 'string' ? head + body : Buffer.concat([Buffer.from(head), body]);
}
