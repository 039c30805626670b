/** One row of an error table: what the code means, and what its reader can do. `docs/errors.md` is generated from these. */
export interface ErrorCodeRow {
  readonly meaning: string;
  readonly action: string;
}

/** Every `code` that a `PhoenixError` can carry. */
export const PHOENIX_ERROR_CODES = {
  PHOENIX_CONFIG: {
    meaning: 'The configuration has problems; all of them are listed with file, line and column.',
    action: 'Correct the lines named; `phoenix validate` shows them again without touching anything.',
  },
  PHOENIX_CONFIG_NOT_FOUND: {
    meaning: 'No configuration file was found, or a named one does not exist.',
    action: 'Name the file with `--config` or `PHOENIX_CONFIG`, or run where it stands.',
  },
  PHOENIX_CONFIG_UNREADABLE: {
    meaning: 'A configuration file exists and cannot be read.',
    action: 'Check its permissions and that it is a file.',
  },
  PHOENIX_SECRET: {
    meaning: 'A secret reference could not be resolved: the variable, file or command is missing or failed.',
    action: 'Set the variable, create the file or repair the command that the message names.',
  },
} as const satisfies Record<string, ErrorCodeRow>;

export type PhoenixErrorCode = keyof typeof PHOENIX_ERROR_CODES;
