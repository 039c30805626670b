/** A script that cannot be parsed, or an expansion that fails; `message` is what the shell prints after its name and line. */
export class ScriptError extends Error {
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.name = 'ScriptError';
    this.line = line;
  }
}
