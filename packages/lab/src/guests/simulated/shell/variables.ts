import { ScriptError } from './script-error.js';

interface Variable {
  value: string;
  exported: boolean;
  readonly: boolean;
  elements?: Map<string, string> | undefined;
}

/** The variables of a shell, with local scopes of functions. */
export class Variables {
  readonly #scopes: Map<string, Variable>[];

  constructor(scopes: Map<string, Variable>[] = [new Map()]) {
    this.#scopes = scopes;
  }

  /** A copy for a subshell. */
  copy(): Variables {
    return new Variables(
      this.#scopes.map(
        (scope) =>
          new Map(
            [...scope].map(([name, variable]) => [
              name,
              { ...variable, elements: variable.elements && new Map(variable.elements) },
            ]),
          ),
      ),
    );
  }

  #find(name: string): Variable | undefined {
    for (let index = this.#scopes.length - 1; index >= 0; index -= 1) {
      const found = this.#scopes[index]?.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  get(name: string): string | undefined {
    const found = this.#find(name);
    return found?.elements === undefined ? found?.value : found.elements.get('0');
  }

  set(name: string, value: string): void {
    const found = this.#find(name);
    if (found === undefined) {
      this.#scopes[0]?.set(name, { value, exported: false, readonly: false });
      return;
    }
    if (found.readonly) throw new ScriptError(`${name}: is read only`);
    if (found.elements !== undefined) found.elements.set('0', value);
    else found.value = value;
  }

  /** Declares a variable in the innermost scope. */
  declareLocal(name: string, value?: string): void {
    const outer = this.#find(name);
    const scope = this.#scopes.at(-1);
    if (scope?.has(name) === true && value === undefined) return;
    scope?.set(name, {
      value: value ?? outer?.value ?? '',
      exported: outer?.exported ?? false,
      readonly: false,
    });
  }

  unset(name: string): void {
    for (let index = this.#scopes.length - 1; index >= 0; index -= 1) {
      if (this.#scopes[index]?.delete(name) === true) return;
    }
  }

  mark(name: string, mark: 'exported' | 'readonly'): void {
    if (this.#find(name) === undefined) this.set(name, '');
    const found = this.#find(name);
    if (found !== undefined) found[mark] = true;
  }

  /** Elements of an array; a plain variable counts as one. */
  elements(name: string): Map<string, string> | undefined {
    const found = this.#find(name);
    if (found === undefined) return undefined;
    return found.elements ?? new Map([['0', found.value]]);
  }

  setElements(name: string, elements: Map<string, string>): void {
    if (this.#find(name) === undefined) this.set(name, '');
    const found = this.#find(name);
    if (found !== undefined) found.elements = elements;
  }

  enter(): void {
    this.#scopes.push(new Map());
  }

  leave(): void {
    this.#scopes.pop();
  }

  /** The environment of commands. */
  environment(): Map<string, string> {
    const environment = new Map<string, string>();
    for (const scope of this.#scopes)
      for (const [name, variable] of scope) if (variable.exported) environment.set(name, variable.value);
    return environment;
  }

  names(): string[] {
    return [...new Set(this.#scopes.flatMap((scope) => [...scope.keys()]))].sort();
  }
}
