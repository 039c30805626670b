import { connect } from 'node:tls';
import { ProxmoxError } from '../errors/proxmox-error.js';

/** A certificate as a server shows it; trusted by nobody yet. */
export interface SeenCertificate {
  /** SHA-256, `AA:BB:…`. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** End of validity, as the certificate has it. */
  readonly validTo: string;
}

/**
 * Asks a server for its certificate and sends nothing, for a prompt at first use: show the fingerprint to a person who compares
 * it with `pvenode cert info` on the node, then pin it.
 * @throws ProxmoxError PVE_UNREACHABLE
 */
export function fetchFingerprint({
  host,
  port = 8006,
  timeoutMs = 10_000,
}: {
  readonly host: string;
  readonly port?: number;
  readonly timeoutMs?: number;
}): Promise<SeenCertificate> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      socket.destroy();
      reject(
        new ProxmoxError('PVE_UNREACHABLE', `${host}:${port} cannot be reached: ${cause.message}`, { cause }),
      );
    };
    const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    // Nothing is verified, so no CA is read.
    const socket = connect({ host, port, rejectUnauthorized: false, ca: [], ...named }, () => {
      const { fingerprint256, subject, issuer, valid_to: validTo } = socket.getPeerCertificate();
      socket.end();
      resolve({ fingerprint: fingerprint256, subject: nameOf(subject), issuer: nameOf(issuer), validTo });
    });
    socket.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on('error', fail);
  });
}

function nameOf(name: object): string {
  return Object.entries(name)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ');
}
