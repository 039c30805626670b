import type { PhoenixErrorCode } from './phoenix-error-codes.js';

/** What a {@link PhoenixError} is made of. */
export interface PhoenixErrorOptions {
  readonly code: PhoenixErrorCode;
  /** What happened, in one sentence, with what was expected and what was found. */
  readonly message: string;
  /** What the user can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Facts for programs, e.g. `{ vmid: 8001, problems: […] }`; absent facts stay absent. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The error class of this package. Tell errors apart by `code`, never by `instanceof`: several copies of the
 * package may live in one process. The codes and their meanings stand in `PHOENIX_ERROR_CODES`.
 */
export class PhoenixError extends Error {
  override readonly name = 'PhoenixError';
  readonly code: PhoenixErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(options: PhoenixErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}
