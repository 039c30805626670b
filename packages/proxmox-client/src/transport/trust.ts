import { ProxmoxError } from '../errors/proxmox-error.js';

/** How a server's certificate is judged. A pinned fingerprint counts before a CA, and either before `insecure`. */
export interface Trust {
  /** SHA-256 fingerprints by host name; the key `*` holds for hosts without an entry. */
  readonly fingerprints: ReadonlyMap<string, readonly string[]>;
  /** CA certificates in PEM, in place of the system's. */
  readonly ca?: string | readonly string[];
  /** Accept any certificate. Only without pin and CA. */
  readonly insecure: boolean;
}

/** The pins that hold for a host; empty when none do. */
export function pinsFor(trust: Trust, host: string): readonly string[] {
  return trust.fingerprints.get(host.replace(/^\[|\]$/g, '')) ?? trust.fingerprints.get('*') ?? [];
}

/**
 * Reads fingerprints in the forms people have them: one for all hosts, several, or one per host;
 * with or without colons, in either case, with or without a `sha256:` before it.
 * @throws ProxmoxError PVE_OPTIONS for what is not a SHA-256 fingerprint
 */
export function readFingerprints(
  given: string | readonly string[] | Readonly<Record<string, string | readonly string[]>> | undefined,
): Map<string, readonly string[]> {
  const byHost = new Map<string, readonly string[]>();
  if (given === undefined) return byHost;
  if (typeof given === 'string' || isList(given)) return byHost.set('*', normaliseAll(given));
  for (const [host, fingerprints] of Object.entries(given)) byHost.set(host, normaliseAll(fingerprints));
  return byHost;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

function normaliseAll(fingerprints: string | readonly string[]): readonly string[] {
  return (typeof fingerprints === 'string' ? [fingerprints] : fingerprints).map(normaliseFingerprint);
}

function normaliseFingerprint(fingerprint: string): string {
  const digits = fingerprint
    .trim()
    .replace(/^sha-?256[:=]/i, '')
    .replaceAll(':', '')
    .toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits)) {
    throw new ProxmoxError(
      'PVE_OPTIONS',
      `expected a SHA-256 fingerprint of 32 bytes in hexadecimal, got "${fingerprint}"`,
      {
        hint: 'Print it on the node with `pvenode cert info`, or fetch it with fetchFingerprint and compare.',
      },
    );
  }
  return digits.replace(/(..)(?=.)/g, '$1:');
}
