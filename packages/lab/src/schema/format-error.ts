/** A value does not have its format. `text` is PVE's, mostly ending in a newline. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly text: string;

  constructor(text: string) {
    super(text.trimEnd());
    this.text = text;
  }
}
