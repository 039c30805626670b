import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { LabError } from '../lab-error.js';
import type { Certificate } from './certificate.js';
import { COMMON, serveConnection, type WireHandler } from './wire.js';

const TLS_HANDSHAKE = 0x16;

/** A listening API server. */
export interface HttpsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on loopback and speaks TLS; a plain HTTP request is redirected to https, as pveproxy does, or answered (`plainHttp`). @throws LabError LAB_PORT when the port is taken. */
export async function listenHttps(options: {
  host: string;
  port: number;
  certificate: Certificate;
  handler: WireHandler;
  plainHttp: boolean;
}): Promise<HttpsServer> {
  const { handler } = options;
  const plain = options.plainHttp ? handler : redirect;
  const secureContext = createSecureContext({
    key: options.certificate.keyPem,
    cert: options.certificate.certPem,
  });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) {
        const secure = new TLSSocket(socket, { isServer: true, secureContext });
        secure.on('error', () => secure.destroy());
        serveConnection(secure, handler);
      } else {
        serveConnection(socket, plain);
        socket.resume();
      }
    });
  });
  await listen(server, options.host, options.port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

const redirect: WireHandler = async (request) => {
  const permanent = request.method === 'GET' || request.method === 'HEAD';
  const reason = permanent ? 'Moved Permanently' : 'Permanent Redirect';
  const location = `https://${request.headers.get('host') ?? 'localhost'}${request.target}`;
  return {
    status: permanent ? 301 : 308,
    reason,
    headers: [...COMMON, ['Location', location]],
    body: Buffer.from(reason),
    close: false,
  };
};

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new LabError('LAB_PORT', `The lab cannot listen on ${host}:${port}: ${cause.message}.`, {
          cause,
          hint: 'Choose another port, or 0 for any free one.',
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}
