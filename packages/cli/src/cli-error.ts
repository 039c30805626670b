import type { ExitCodeName } from './exit-codes.js';

/** Every `code` that a {@link CliError} can carry. */
export const CLI_ERROR_CODES = {
  CLI_USAGE: {
    meaning: 'The command line is wrong.',
    hint: 'Run the command with `--help`.',
  },
  CLI_NO_ENDPOINT: {
    meaning: 'The address of Proxmox VE is not set.',
    hint: 'Set `PHOENIX_PVE_URL`, e.g. `https://pve.example.org:8006`.',
  },
  CLI_NO_TOKEN: {
    meaning: 'No API token is set.',
    hint: 'Set `PHOENIX_PVE_TOKEN=user@realm!name=secret`; docs/least-privilege.md shows how to make one.',
  },
  CLI_BAD_ENDPOINT: {
    meaning: 'The address of Proxmox VE is malformed.',
    hint: 'Give scheme, host and port: `https://pve.example.org:8006`.',
  },
  CLI_BAD_TOKEN: {
    meaning: 'The API token is malformed.',
    hint: 'Give it whole: `user@realm!name=secret`.',
  },
  CLI_CONFIRM: {
    meaning: 'The command needs a confirmation and there is no terminal to ask on.',
    hint: 'Add `--yes`.',
  },
  CLI_DECLINED: {
    meaning: 'The confirmation was declined; nothing was done.',
    hint: 'Nothing needs doing.',
  },
  CLI_PLAN_FILE: {
    meaning: 'The file given with `--plan` is not a saved plan.',
    hint: 'Make one with `phoenix plan --out FILE`.',
  },
  CLI_FILE_EXISTS: {
    meaning: 'A file that would be written exists already.',
    hint: 'Name another file, or remove it.',
  },
  CLI_FILE_UNWRITABLE: {
    meaning: 'A file cannot be written.',
    hint: 'Name a file in a directory that exists and that you may write to.',
  },
  CLI_LAB: {
    meaning: 'The lab that was named does not run, or runs already.',
    hint: '`phoenix lab status` shows what runs.',
  },
  CLI_UNKNOWN_FEATURE: {
    meaning: 'No feature of that name is known.',
    hint: '`phoenix features list` prints all that are known.',
  },
  CLI_UNKNOWN_RUN: {
    meaning: 'No record of that run is kept.',
    hint: '`phoenix history` lists the runs that are kept.',
  },
  CLI_NO_SEED: {
    meaning: 'The guest has no cloud-init seed to render.',
    hint: 'Seeds belong to machines; `phoenix plan` shows what a container gets.',
  },
  CLI_NO_LOG: {
    meaning: 'The guest has no such log.',
    hint: '`phoenix logs <id>` lists the logs that are there.',
  },
} as const satisfies Record<string, { readonly meaning: string; readonly hint: string }>;

/** The `code` of a {@link CliError}. */
export type CliErrorCode = keyof typeof CLI_ERROR_CODES;

/** What a {@link CliError} is made of. */
export interface CliErrorOptions {
  readonly code: CliErrorCode;
  readonly exit: ExitCodeName;
  /** One sentence, with what was expected and what was found. */
  readonly message: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** What the command line itself finds wrong, before or beside the work. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly exit: ExitCodeName;
  readonly hint: string | undefined;

  constructor(options: CliErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.exit = options.exit;
    this.hint = options.hint;
  }
}
