/**
 * What `phoenix` exits with, by class of outcome. Scripts may rely on the numbers; `docs/exit-codes.md` is
 * generated from this table.
 */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'Everything that was asked for is so, or already was.' },
  failed: {
    code: 1,
    meaning:
      'Something failed on the cluster or in a guest. Guests that do not depend on it went on; the summary says which failed and why.',
  },
  changesPending: { code: 2, meaning: '`plan --detailed-exitcode` only: the plan is not empty.' },
  config: { code: 3, meaning: 'The configuration has problems; each is listed with file, line and column.' },
  connection: {
    code: 4,
    meaning:
      'No connection to Proxmox VE: not configured, not reachable, or its certificate is not the expected one.',
  },
  denied: { code: 5, meaning: 'Proxmox VE refused the token, or the token lacks a privilege.' },
  missing: {
    code: 6,
    meaning:
      'Something that was named does not exist: configuration file, guest, node, storage, bridge, image, feature pack.',
  },
  refused: {
    code: 7,
    meaning:
      'Phoenix would not do it: the guest is not its own, a confirmation is missing, a saved plan is stale, another run is at work, linked clones exist.',
  },
  usage: { code: 64, meaning: 'The command line is wrong: unknown command, option or id.' },
  bug: { code: 70, meaning: 'A bug in Phoenix: the stack is printed, with where to report it.' },
  interrupted: { code: 130, meaning: 'Stopped by Ctrl-C. Running the same command again continues.' },
  terminated: { code: 143, meaning: 'Stopped by SIGTERM. Running the same command again continues.' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

/** The name of a class of outcome. */
export type ExitCodeName = keyof typeof EXIT_CODES;
