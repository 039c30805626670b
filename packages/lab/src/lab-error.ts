/** Every code of a `LabError`, with what it means and what to do. */
export const LAB_ERROR_CODES = {
  LAB_OPTION: {
    meaning: 'An option of the lab has no such value.',
    hint: 'Read the message: it names what was expected.',
  },
  LAB_STATE: {
    meaning: 'The state directory cannot be read, is of another version, or is in use by another lab.',
    hint: 'Stop the other lab, use another directory, or reset this one.',
  },
  LAB_PORT: {
    meaning: 'The port is taken or may not be used.',
    hint: 'Choose another port, or 0 for any free one.',
  },
  LAB_RUNTIME: {
    meaning: 'Guests cannot run: a program that they need is missing or failed.',
    hint: 'Install qemu-system-x86 and qemu-utils, or use simulated guests.',
  },
} as const;

/** Why the lab itself could not do something, as opposed to the errors that it answers over HTTP. */
export type LabErrorCode = keyof typeof LAB_ERROR_CODES;

/** An error of the lab as a program (a bad option, an unreadable state directory). Errors of the emulated API are `PveError`. */
export class LabError extends Error {
  readonly code: LabErrorCode;
  readonly hint: string | undefined;

  constructor(code: LabErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'LabError';
    this.code = code;
    this.hint = options.hint;
  }
}
