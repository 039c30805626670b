import type { JsonObject, JsonValue } from '../../config/model.js';
import type { WireValue } from '../../observe/inventory.js';
import type { Notice } from '../../plan/plan.js';

/** A guest of the cluster as a declaration. */
export interface ImportedGuest {
  /** The part of the file it belongs to: an entry of `vms`, or a value of `lxc_configs` under its id. */
  readonly section: 'vms' | 'lxc_configs';
  readonly declaration: JsonObject;
  /** What the declaration does not say, and what its reader has to do. */
  readonly notices: readonly Notice[];
}

/** How a guest is written down. */
export interface ImportOptions {
  /** Keys (`tags`, `pve_options.foo`) that the configuration would refuse for this guest; each is left out, or goes to `pve_options` whole. Default none. */
  readonly without?: ReadonlySet<string>;
  /** Whether the node is named; default false, since a cluster of one needs no name. */
  readonly nameNode?: boolean;
}

/**
 * A declaration while it is put together. Every key of the guest is taken exactly once, or is left to `rest`: what nobody took can be neither
 * lost nor invented.
 */
export class ImportedDraft {
  readonly #keys = new Map<string, JsonValue>();
  readonly #options = new Map<string, WireValue>();
  readonly #notices: Notice[] = [];
  readonly #kept: string[] = [];
  readonly #taken = new Set<string>();

  constructor(
    readonly vmid: number,
    readonly label: string,
    readonly config: Readonly<Record<string, WireValue>>,
    readonly without: ReadonlySet<string>,
  ) {}

  /** The live value, which is dealt with from now on. */
  take(key: string): WireValue | undefined {
    this.#taken.add(key);
    return this.config[key];
  }

  /** Keys of the guest that nobody has taken, by name. */
  rest(): readonly string[] {
    return Object.keys(this.config)
      .filter((key) => !this.#taken.has(key))
      .sort();
  }

  /** Declares a key; false where the configuration would refuse it, so that another way must be found. */
  set(key: string, value: JsonValue | undefined): boolean {
    if (value === undefined) return true;
    if (this.without.has(key)) return false;
    this.#keys.set(key, value);
    return true;
  }

  /** Hands a key on as it is, or names it where the configuration would refuse that. */
  option(key: string, value: WireValue): void {
    this.#taken.add(key);
    if (this.without.has(`pve_options.${key}`)) this.keep(key);
    else this.#options.set(key, typeof value === 'boolean' ? Number(value) : value);
  }

  /** Names something that no declaration can say; it stays on the guest as it is. */
  keep(what: string): void {
    this.#kept.push(what);
  }

  notice(code: string, message: string): void {
    this.#notices.push({ code, message, vmid: this.vmid });
  }

  finish(section: ImportedGuest['section']): ImportedGuest {
    if (this.#kept.length > 0) {
      this.notice(
        'import-not-declared',
        `${this.label}: ${this.#kept.join('; ')} cannot be declared. It stays as it is; a guest made anew from this file would not have it.`,
      );
    }
    const options = Object.fromEntries([...this.#options].sort(([left], [right]) => (left < right ? -1 : 1)));
    return {
      section,
      declaration: {
        ...Object.fromEntries(this.#keys),
        ...(this.#options.size === 0 ? {} : { pve_options: options }),
      },
      notices: this.#notices,
    };
  }
}
