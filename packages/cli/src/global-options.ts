/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly config?: readonly string[];
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly verbose?: boolean;
  /** `false` by `--no-color`. */
  readonly color?: boolean;
}
