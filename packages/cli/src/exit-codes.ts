/**
 * What `phoenix` exits with, by class of outcome. Scripts may rely on the numbers; docs/exit-codes.md is
 * generated from this table. Codes of 64 and above follow sysexits.h where it has a fitting one.
 */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'Everything that was asked for is so, or already was.' },
  failed: {
    code: 1,
    meaning: 'At least one guest could not be brought to its declared state; the others went on.',
  },
  changesPending: { code: 2, meaning: '`plan --detailed-exitcode`: the plan is not empty.' },
  refused: {
    code: 3,
    meaning: 'Phoenix would not do it: not its guest, a confirmation is missing, the saved plan is stale.',
  },
  bug: { code: 70, meaning: 'A bug in Phoenix; the stack and where to report it are printed.' },
  usage: { code: 64, meaning: 'The command line is wrong: unknown command, option or id.' },
  config: { code: 65, meaning: 'The configuration has problems; each is listed with file, line and column.' },
  missing: {
    code: 66,
    meaning: 'Something named does not exist: config file, guest, storage, bridge, image, feature pack.',
  },
  unreachable: {
    code: 69,
    meaning: 'No connection to Proxmox VE: address, network, TLS fingerprint or certificate.',
  },
  denied: { code: 77, meaning: 'Proxmox VE refused the token, ticket or privilege.' },
  connection: {
    code: 78,
    meaning: 'No connection was configured: PHOENIX_PVE_URL or PHOENIX_PVE_TOKEN is not set or malformed.',
  },
  interrupted: { code: 130, meaning: 'Stopped by Ctrl-C (143 when by SIGTERM); running again continues.' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

/** The name of a class of outcome. */
export type ExitCodeName = keyof typeof EXIT_CODES;
