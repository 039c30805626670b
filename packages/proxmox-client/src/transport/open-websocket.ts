import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { classifyAnswer } from '../errors/classify-answer.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import type { ApiRequest, Sender } from './send-request.js';
import { createFrameReader, FRAME_LIMIT, printFrame } from './websocket-frames.js';

/** A connection over which both sides send messages at any time. */
export interface WebSocketConnection {
  /** Messages of the other side, to its end. To be read once. */
  readonly messages: AsyncIterable<Buffer>;
  /** Sends one message of at most 128 KiB, and returns when the next may be sent. */
  send(bytes: Uint8Array): Promise<void>;
  /** Says goodbye and closes. */
  close(): void;
}

const LINGER_MS = 1_000;

/** The part of a request that a websocket has. */
export type WebSocketRequest = Pick<
  ApiRequest,
  'path' | 'query' | 'timeoutMs' | 'signal' | 'endpoint' | 'secrets'
>;

/**
 * Opens a websocket at one endpoint, with the credentials, pins and proxy of all calls.
 * @throws ProxmoxError by class when the server refuses, PVE_TERMINAL when it is no websocket
 */
export async function openWebSocket(sender: Sender, request: WebSocketRequest): Promise<WebSocketConnection> {
  const endpoint = sender.endpoints.pick(request.endpoint);
  const key = randomBytes(16).toString('base64');
  const path = `${endpoint.basePath}/api2/json${request.path}${request.query ? `?${request.query}` : ''}`;
  const headers = {
    ...(await sender.authorization.headers('GET')),
    'sec-websocket-key': key,
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'binary',
  };
  const secrets = [...sender.authorization.secrets(), ...(request.secrets ?? [])];
  const refuse = (status: number, reason: string, body: string): ProxmoxError =>
    classifyAnswer({
      method: 'GET',
      path: request.path,
      endpoint: endpoint.origin,
      status,
      reason,
      body,
      reading: true,
      secrets,
    }).error;

  const { signal } = request;
  signal?.throwIfAborted();
  const socket = await new Promise<Duplex>((resolve, reject) => {
    let settled = false;
    const settle = (): void => {
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      settle();
      reject(signal?.reason);
      controller?.abort(new Error('aborted'));
    };
    const fail = (message: string, cause?: unknown): void => {
      settle();
      reject(
        cause instanceof ProxmoxError
          ? cause
          : new ProxmoxError('PVE_TERMINAL', `${endpoint.origin}: ${message}`, {
              cause,
              endpoint: endpoint.origin,
            }),
      );
    };
    let controller: Dispatcher.DispatchController | undefined;
    const timer = setTimeout(() => {
      fail(`no websocket within ${request.timeoutMs} ms`);
      controller?.abort(new Error('no websocket in time'));
    }, request.timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    let refusal: { status: number; reason: string; body: string } | undefined;
    endpoint.pool.dispatch(
      { method: 'GET', path, headers, upgrade: 'websocket' },
      {
        onRequestStart(started) {
          controller = started;
          if (settled) started.abort(new Error('given up before it was sent'));
        },
        onRequestUpgrade(_controller, _status, answered, upgraded) {
          settle();
          if (answered['sec-websocket-accept'] === acceptOf(key)) return resolve(upgraded);
          upgraded.destroy();
          fail('the answer is not that of a websocket');
        },
        onResponseStart(_controller, status, _headers, reason) {
          refusal = { status, reason: reason ?? '', body: '' };
        },
        onResponseData(_controller, chunk) {
          if (refusal) refusal.body += chunk.toString('utf8');
        },
        onResponseEnd() {
          settle();
          const { status = 0, reason = '', body = '' } = refusal ?? {};
          reject(refuse(status, reason, body));
        },
        onResponseError(_controller, error) {
          fail(error.message, error);
        },
      },
    );
  });
  return overSocket(socket, signal);
}

function overSocket(socket: Duplex, signal: AbortSignal | undefined): WebSocketConnection {
  const read = createFrameReader();
  const close = (): void => {
    if (socket.destroyed) return;
    socket.end(printFrame('close', Buffer.from([0x03, 0xe8])));
    // Reading on lets the goodbye arrive; closing over unread bytes would reset the connection and lose what was typed last.
    socket.resume();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
  const abort = (): void => {
    socket.destroy();
  };
  signal?.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal?.removeEventListener('abort', abort));
  // Errors reach whoever reads; a socket without a reader must not end the process.
  socket.on('error', () => {});

  async function* messages(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of socket) {
        for (const frame of read(chunk)) {
          if (frame.kind === 'message') yield frame.bytes;
          else if (frame.kind === 'ping') socket.write(printFrame('pong', frame.bytes));
          else return close();
        }
      }
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      if (!isEnd(cause)) throw new ProxmoxError('PVE_TERMINAL', 'the websocket broke', { cause });
    }
  }

  return {
    messages: messages(),
    async send(bytes) {
      if (bytes.byteLength > FRAME_LIMIT) {
        throw new ProxmoxError(
          'PVE_OPTIONS',
          `expected at most ${FRAME_LIMIT} bytes in one message, got ${bytes.byteLength}`,
        );
      }
      await new Promise<void>((resolve, reject) => {
        socket.write(printFrame('message', bytes), (cause) =>
          cause ? reject(new ProxmoxError('PVE_TERMINAL', 'the websocket is closed', { cause })) : resolve(),
        );
      });
    },
    close,
  };
}

/** The other side closed the connection without a closing frame, as PVE does when a terminal's program ends. */
function isEnd(cause: unknown): boolean {
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'code' in cause &&
    (cause.code === 'ERR_STREAM_PREMATURE_CLOSE' || cause.code === 'ECONNRESET')
  );
}

/** RFC 6455, 4.2.2. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
