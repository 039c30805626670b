import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Below `/api2/json`, without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
  /** The client's port, which tells its connections apart. */
  readonly port: number | undefined;
}

/** What the server answers: `data` with 200, an exact answer, or a connection cut without one. */
export type Reply =
  | { readonly data: unknown; readonly total?: number }
  | {
      readonly status: number;
      readonly reason: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | 'cut'
  | 'silence';

export interface AnsweringServer {
  readonly url: string;
  readonly port: number;
  readonly requests: SeenRequest[];
  /** Ends the connections that carry no call, as PVE does after 5 s, and returns when they have ended on both sides. */
  endIdle(): Promise<void>;
  close(): Promise<void>;
}

/** Keys of the certificates in this folder: `localhost` is the server's, `stranger` another of the same name. */
export function readCertificate(name: 'localhost' | 'stranger'): { key: string; cert: string } {
  const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
  return { key: read(`${name}-key.pem`), cert: read(`${name}.pem`) };
}

/** A server on loopback that answers exactly what it is told, down to the reason phrase. */
export async function startAnsweringServer(
  answer: (request: SeenRequest, count: number) => Reply | Promise<Reply>,
  options: { readonly certificate?: 'localhost' | 'stranger'; readonly port?: number } = {},
): Promise<AnsweringServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname.replace(/^\/api2\/json/, ''),
      query: url.searchParams,
      form: new URLSearchParams(isForm ? body.toString('utf8') : ''),
      body,
      headers: request.headers,
      port: request.socket.remotePort,
    };
    requests.push(seen);
    const reply = await answer(seen, requests.length);
    if (reply === 'cut') request.socket.destroy();
    else if (reply !== 'silence') send(response, reply);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => request.socket.destroy());
  };
  const server = options.certificate
    ? createTlsServer(readCertificate(options.certificate), listener)
    : createServer(listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    async endIdle() {
      const ended = [...sockets].map((socket) => once(socket, 'close'));
      server.closeIdleConnections();
      await Promise.all(ended);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, reply: Exclude<Reply, string>): void {
  if ('data' in reply) {
    response.writeHead(200, 'OK', { 'content-type': 'application/json;charset=UTF-8' });
    response.end(JSON.stringify(reply));
    return;
  }
  response.writeHead(reply.status, reply.reason, { connection: 'close', ...reply.headers });
  response.end(reply.body);
}

/** An error as PVE answers it. */
export function refusal(
  status: number,
  reason: string,
  rest: { readonly message?: string; readonly errors?: unknown } = {},
): Reply {
  const { message = `${reason}\n`, errors } = rest;
  const body = JSON.stringify({ data: null, message, ...(errors === undefined ? {} : { errors }) });
  return { status, reason, headers: { 'content-type': 'application/json;charset=UTF-8' }, body };
}
