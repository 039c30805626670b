/** Texts by parameter name, as in the `errors` object of a 400. */
export type ParameterErrors = Readonly<Record<string, string>>;

/**
 * An error that a caller of the API sees: HTTP status, message (its first line becomes the reason phrase) and, for a 400, texts by parameter.
 * Thrown by handlers; inside a task its message becomes the exit status.
 */
export class PveError extends Error {
  readonly status: number;
  readonly errors: ParameterErrors | undefined;
  /** No JSON envelope but this text (errors raised outside of PVE's formatter), or an empty body. */
  readonly plainBody: string | undefined;

  constructor(
    status: number,
    message: string,
    options: { errors?: ParameterErrors; plainBody?: string } = {},
  ) {
    super(message);
    this.name = 'PveError';
    this.status = status;
    this.errors = options.errors;
    this.plainBody = options.plainBody;
  }
}

/** What a plain Perl `die` becomes: 500 with the text as reason phrase. */
export function failure(text: string): PveError {
  return new PveError(500, text);
}

/** 403 as `raise_perm_exc` gives it; `what` is for instance `/vms/100, VM.Audit`. Without it: plain `Permission check failed`. */
export function forbidden(what?: string): PveError {
  return new PveError(
    403,
    what === undefined ? 'Permission check failed' : `Permission check failed (${what})`,
  );
}

/** 400 `Parameter verification failed.` with one text per parameter; a newline is added where PVE's own text ends in one only if given. */
export function badParameters(errors: ParameterErrors): PveError {
  return new PveError(400, 'Parameter verification failed.', { errors });
}

/** 400 for a single parameter (`raise_param_exc({ name => text })`). */
export function badParameter(name: string, text: string): PveError {
  return badParameters({ [name]: text });
}

/** The text of anything thrown, without a trailing newline. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\n+$/, '');
}
