import { ProxmoxError } from '../errors/proxmox-error.js';

/** What a UPID says about its task. */
export interface Upid {
  /** The node that runs the task, and that must be asked about it. */
  readonly node: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot. */
  readonly pstart: number;
  /** Start of the task in seconds since 1970. */
  readonly starttime: number;
  /** Worker type, e.g. `qmcreate`. */
  readonly type: string;
  /** What it works on: mostly a vmid; empty for some. */
  readonly id: string;
  /** `root@pam`, or with a token `root@pam!name`. */
  readonly user: string;
}

const UPID =
  /^UPID:(?<node>[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?):(?<pid>[0-9A-Fa-f]{8}):(?<pstart>[0-9A-Fa-f]{8,9}):(?<starttime>[0-9A-Fa-f]{8}):(?<type>[^:\s/]+):(?<id>[^:\s/]*):(?<user>[^:\s/]+):$/;

/**
 * Takes a task's id apart. Source: pve-common UPID.pm.
 * @throws ProxmoxError PVE_OPTIONS when the text is no UPID
 */
export function parseUpid(text: string): Upid {
  const { node, pid, pstart, starttime, type, id, user } = UPID.exec(text)?.groups ?? {};
  if (
    node === undefined ||
    pid === undefined ||
    pstart === undefined ||
    starttime === undefined ||
    type === undefined ||
    id === undefined ||
    user === undefined
  ) {
    throw new ProxmoxError(
      'PVE_OPTIONS',
      `expected a UPID such as UPID:pve:0000A1B2:01234567:65F0A1B2:qmstart:100:root@pam:, got "${text}"`,
    );
  }
  return { node, pid: hex(pid), pstart: hex(pstart), starttime: hex(starttime), type, id, user };
}

/** The inverse of parseUpid. */
export function printUpid({ node, pid, pstart, starttime, type, id, user }: Upid): string {
  const digits = (value: number) => value.toString(16).toUpperCase().padStart(8, '0');
  return `UPID:${node}:${digits(pid)}:${digits(pstart)}:${digits(starttime)}:${type}:${id}:${user}:`;
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}
