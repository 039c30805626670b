import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
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
 * With a pin only the certificate's SHA-256 counts: not its issuer, name or dates, which is how PVE's own certificates are used.
 */
export function createConnector({
  trust,
  connectTimeoutMs,
  proxy,
}: ConnectorOptions): buildConnector.connector {
  const verifying = {
    ...(trust.ca === undefined ? {} : { ca: [trust.ca].flat() }),
    rejectUnauthorized: !trust.insecure || trust.ca !== undefined,
  };
  const connectVerified = buildConnector({ timeout: connectTimeoutMs, ...verifying });
  // A resumed session would skip the certificate, so pinned connections never resume one.
  const connectPinned = buildConnector({
    timeout: connectTimeoutMs,
    rejectUnauthorized: false,
    maxCachedSessions: 0,
  });

  const connect: buildConnector.connector = (options, callback) => {
    const pins =
      options.protocol === 'https:' ? pinsFor(trust, options.hostname.replace(/^\[|\]$/g, '')) : [];
    if (pins.length === 0) return connectVerified(options, callback);
    connectPinned(options, (...result) => {
      const [error, socket] = result;
      if (error !== null) return callback(error, null);
      const wrong = comparePins(socket, pins, options);
      if (wrong === undefined) return callback(null, socket);
      socket.destroy();
      callback(wrong, null);
    });
  };
  return proxy === undefined ? connect : throughProxy(connect, proxy, connectTimeoutMs);
}

function comparePins(
  socket: Socket,
  pins: readonly string[],
  { hostname, port }: buildConnector.Options,
): ProxmoxError | undefined {
  const actual = socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : undefined;
  if (actual !== undefined && pins.includes(actual)) return undefined;
  return new ProxmoxError(
    'PVE_TLS_FINGERPRINT',
    `${hostname}:${port || 443} shows a certificate with another fingerprint: expected ${pins.join(' or ')}, got ${actual ?? 'none'}`,
    { expectedFingerprints: pins, ...(actual === undefined ? {} : { actualFingerprint: actual }) },
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
