import { badParameter } from './pve-error.js';

/** A parameter as received: always text (JSON numbers and booleans are turned into it, true into `1`), or a list of texts. */
export type ParamValue = string | readonly string[];

/** The parameters of a call. Integers and booleans are kept as text, as PVE keeps them, and read with the accessors below. */
export class Params {
  readonly #values: Map<string, ParamValue>;

  /** Names that were given as JSON `null`: there, but without a value. Most methods take them for absent. */
  readonly nulls: readonly string[];

  constructor(values: Iterable<readonly [string, ParamValue]>, nulls: readonly string[] = []) {
    this.#values = new Map(values);
    this.nulls = nulls;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The text, or undefined. A list yields its first element. */
  get(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : value?.[0];
  }

  /** The text of a parameter that the schema requires. */
  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw badParameter(name, 'property is missing and it is not optional');
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : Number.parseInt(value, 10);
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : Number.parseFloat(value);
  }

  requireInteger(name: string): number {
    return Number.parseInt(this.require(name), 10);
  }

  /** True for `1`; undefined when absent. */
  boolean(name: string): boolean | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : value === '1';
  }

  /** A true array parameter (such as `command` of agent/exec). */
  array(name: string): readonly string[] | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? [value] : value;
  }

  /** A `*-list` string, split at commas, semicolons, white space and NUL (PVE::Tools::split_list). */
  list(name: string): readonly string[] {
    return splitList(this.get(name) ?? '');
  }

  /** All parameters except those of the path, in the order received. */
  entries(): readonly (readonly [string, ParamValue])[] {
    return [...this.#values];
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }
}

/** Splits a list as PVE does: at commas, semicolons, NUL and white space; empty parts vanish. */
export function splitList(text: string): readonly string[] {
  return text.split(/[,;\0\s]+/).filter((part) => part !== '');
}
