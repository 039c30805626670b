import type { CloudinitErrorCode } from './cloudinit-error-codes.js';

/** What a {@link CloudinitError} is made of. */
export interface CloudinitErrorOptions {
  readonly code: CloudinitErrorCode;
  /** What happened, in one sentence, with what was expected and what was found. */
  readonly message: string;
  readonly hint?: string;
  readonly cause?: unknown;
  /** The file at fault, where there is one. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** The error class of this package; told apart by `code`, whose meanings stand in `CLOUDINIT_ERROR_CODES`. */
export class CloudinitError extends Error {
  override readonly name = 'CloudinitError';
  readonly code: CloudinitErrorCode;
  readonly hint: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(options: CloudinitErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.file = options.file;
    this.line = options.line;
    this.column = options.column;
  }
}
