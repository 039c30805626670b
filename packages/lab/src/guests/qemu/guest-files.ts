import { join } from 'node:path';

/** The files of one running guest. Paths of UNIX sockets may have 107 bytes, so they lie in a directory with a short name. */
export interface GuestFiles {
  readonly directory: string;
  readonly pid: string;
  readonly monitor: string;
  readonly agent: string;
  /** The socket of `serial0`; further ports follow by number. */
  readonly serial: (index: number) => string;
  /** Everything that the guest ever wrote to `serial0`, since it was last started. */
  readonly serialLog: string;
  readonly errors: string;
}

/** The files of guest `vmid` under `base`. */
export function guestFiles(base: string, vmid: number): GuestFiles {
  const directory = join(base, String(vmid));
  return {
    directory,
    pid: join(directory, 'pid'),
    monitor: join(directory, 'qmp'),
    agent: join(directory, 'qga'),
    serial: (index) => join(directory, `serial${index}`),
    serialLog: join(directory, 'serial.log'),
    errors: join(directory, 'stderr'),
  };
}
