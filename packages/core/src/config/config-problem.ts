/** Where something stands in a file. `line` and `column` count from 1, columns in UTF-16 units as editors do. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What kind of problem it is; closed, so that views and tests can tell them apart. */
export type ConfigProblemKind =
  | 'syntax'
  | 'unknown-key'
  | 'ignored-key'
  | 'invalid-value'
  | 'missing-value'
  | 'duplicate'
  | 'reference'
  | 'cycle'
  | 'conflict'
  | 'secret'
  | 'file';

/** One thing wrong with a configuration, and where. Plain data; values that are secrets never stand in it. */
export interface ConfigProblem extends SourcePosition {
  readonly severity: 'error' | 'warning';
  readonly kind: ConfigProblemKind;
  /** The keys that lead there: `['vms', 1, 'network_config', 'ip']`. */
  readonly path: readonly (string | number)[];
  /** One sentence. */
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly hint?: string;
  /** The known name nearest to the one found. */
  readonly nearest?: string;
}
