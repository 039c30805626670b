/** An error that carries a code of one of our packages: somebody's to solve, not a bug. */
export interface KnownError extends Error {
  readonly code: string;
  readonly hint?: string | undefined;
}

/** Whether an error is one of ours, told by its code and never by its class. */
export function isKnownError(error: unknown): error is KnownError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^(?:PVE|PHOENIX|CLOUDINIT|FEATURES|LAB|CLI|GUEST)_/.test(error.code)
  );
}
