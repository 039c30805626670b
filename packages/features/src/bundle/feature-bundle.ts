/** A file of a bundle, as it will lie in the guest. */
export interface BundleFile {
  /** Relative to the bundle, with `/`. */
  readonly path: string;
  /** Octal permissions, e.g. 0o700. */
  readonly mode: number;
  readonly content: Uint8Array;
}

/** The files of a feature: read once, normalised, with their digest. */
export interface FeatureBundle {
  readonly files: readonly BundleFile[];
  /** SHA-256 of the packed bundle; a change makes the feature apply again. */
  readonly digest: string;
  /** Program and argument that run each script, by path: `['/bin/sh']`. */
  readonly interpreters: Readonly<Record<string, readonly string[]>>;
  /** What was mended on the way, one sentence each: CRLF line ends, a missing first line. */
  readonly remarks: readonly string[];
}
