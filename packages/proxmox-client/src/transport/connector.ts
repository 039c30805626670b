import type { Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { buildConnector, Client } from 'undici';
import { ProxmoxError } from '../errors/proxmox-error.js';
import { pinsFor, type Trust } from './trust.js';

/** What it takes to open a connection to an endpoint. */
export interface ConnectorOptions {
  readonly trust: Trust;
  readonly connectTimeoutMs: number;
  /** `http://user:password@proxy:3128`; the connection goes through its CONNECT. */
  readonly proxy?: string;
}

/**
 * Opens connections and judges their certificates before a byte of a request is sent.
 * What a handshake needs is read once, at the first: PVE closes so many connections that it would be read all the time.
 * With a pin only the certificate's SHA-256 counts: not its issuer, name or dates, which is how PVE's own certificates are used.
 */
export function createConnector({
  trust,
  connectTimeoutMs,
  proxy,
}: ConnectorOptions): buildConnector.connector {
  let verified: buildConnector.connector | undefined;
  const verify: buildConnector.connector = (options, callback) => {
    verified ??= buildConnector({
      timeout: connectTimeoutMs,
      rejectUnauthorized: !trust.insecure,
      secureContext: createSecureContext(
        trust.insecure ? { ca: [] } : trust.ca === undefined ? {} : { ca: [trust.ca].flat() },
      ),
    });
    verified(options, callback);
  };
  const pinned = createPinnedConnector(trust, connectTimeoutMs);
  const connect: buildConnector.connector = (options, callback) =>
    options.protocol === 'https:' && pinsFor(trust, options.hostname).length > 0
      ? pinned(options, callback)
      : verify(options, callback);
  return proxy === undefined ? connect : throughProxy(connect, proxy, connectTimeoutMs);
}

/**
 * PVE closes the connection after most calls, so sessions are resumed where that is sound: only those of connections whose
 * certificate was the pinned one. A resumed session shows no certificate, but only its first server can resume it.
 */
function createPinnedConnector(trust: Trust, connectTimeoutMs: number): buildConnector.connector {
  const sessions = new Map<string, Buffer>();
  let secureContext: SecureContext | undefined;
  return ({ hostname, port, httpSocket, servername }, callback) => {
    const peer = `${hostname}:${port || 443}`;
    const session = sessions.get(peer);
    const named = servername || (/^[\d.]+$|:/.test(hostname) ? undefined : hostname);
    // The pin alone decides, so no CA is read.
    secureContext ??= createSecureContext({ ca: [] });
    const socket = connectTls({
      secureContext,
      ...(httpSocket ? { socket: httpSocket } : { host: hostname, port: Number(port || 443) }),
      ...(named === undefined ? {} : { servername: named }),
      ...(session === undefined ? {} : { session }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    });
    socket.setKeepAlive(true, 60_000);
    socket.setNoDelay(true);
    const finish = (error: Error | undefined): void => {
      clearTimeout(timer);
      socket.off('error', finish).off('secureConnect', judge);
      if (error === undefined) {
        callback(null, socket);
        return;
      }
      socket.on('error', () => {}).destroy();
      callback(error, null);
    };
    const judge = (): void => {
      const wrong = socket.isSessionReused()
        ? undefined
        : comparePins(socket, pinsFor(trust, hostname), peer);
      if (wrong === undefined) socket.on('session', (fresh) => sessions.set(peer, fresh));
      finish(wrong);
    };
    const timer = setTimeout(
      () => finish(new Error(`no connection to ${peer} within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    socket.once('error', finish).once('secureConnect', judge);
  };
}

function comparePins(socket: TLSSocket, pins: readonly string[], peer: string): ProxmoxError | undefined {
  const actual = socket.getPeerCertificate().fingerprint256;
  if (pins.includes(actual)) return undefined;
  return new ProxmoxError(
    'PVE_TLS_FINGERPRINT',
    `${peer} shows a certificate with another fingerprint: expected ${pins.join(' or ')}, got ${actual}`,
    { expectedFingerprints: pins, actualFingerprint: actual },
  );
}

function throughProxy(
  connect: buildConnector.connector,
  proxy: string,
  connectTimeoutMs: number,
): buildConnector.connector {
  const { origin, username, password, hostname } = new URL(proxy);
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    'base64',
  );
  return (options, callback) => {
    const tunnel = new Client(origin, { connectTimeout: connectTimeoutMs });
    const target = `${options.hostname}:${options.port || (options.protocol === 'https:' ? '443' : '80')}`;
    const headers = {
      host: target,
      ...(username === '' ? {} : { 'proxy-authorization': `Basic ${credentials}` }),
    };
    tunnel.connect({ path: target, headers, signal: AbortSignal.timeout(connectTimeoutMs) }).then(
      ({ statusCode, socket }) => {
        if (statusCode !== 200 || !isSocket(socket)) {
          socket.destroy();
          callback(
            new ProxmoxError(
              'PVE_UNREACHABLE',
              `the proxy ${hostname} refused a tunnel to ${target}: expected status 200, got ${statusCode}`,
            ),
            null,
          );
          return;
        }
        if (options.protocol !== 'https:') return callback(null, socket);
        connect({ ...options, httpSocket: socket }, callback);
      },
      (error: Error) =>
        callback(
          new ProxmoxError(
            'PVE_UNREACHABLE',
            `the proxy ${hostname} gave no tunnel to ${target}: ${error.message}`,
            { cause: error },
          ),
          null,
        ),
    );
  };
}

function isSocket(stream: unknown): stream is Socket {
  return typeof stream === 'object' && stream !== null && 'remoteAddress' in stream && 'destroy' in stream;
}
