/** Why the lab itself could not do something, as opposed to the errors that it answers over HTTP. */
export type LabErrorCode = 'LAB_OPTION' | 'LAB_STATE' | 'LAB_PORT' | 'LAB_RUNTIME';

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
