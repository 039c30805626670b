/** `exit`. */
export class ShellExit extends Error {
  constructor(readonly code: number) {
    super('exit');
  }
}

/** `return`. */
export class FunctionReturn extends Error {
  constructor(readonly code: number) {
    super('return');
  }
}

/** `break` and `continue`, of so many loops. */
export class LoopJump extends Error {
  constructor(
    readonly kind: 'break' | 'continue',
    public levels: number,
  ) {
    super(kind);
  }
}
