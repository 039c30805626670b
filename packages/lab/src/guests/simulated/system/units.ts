import type { Machine } from './machine.js';

/** What systemd knows about a unit at the moment. */
export interface UnitState {
  active: 'active' | 'inactive' | 'failed' | 'activating';
  sub: string;
  /** Of a service that ended. */
  result: string;
  exitCode: number;
  since: number;
  mainPid: number;
  description: string;
}

const unitDirectories = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** The units of a running guest: files say which there are and what is enabled; this holds what is active. */
export class Units {
  readonly #states = new Map<string, UnitState>();

  constructor(private readonly machine: Machine) {}

  /** `ssh` → `ssh.service`. */
  static fullName(name: string): string {
    return /\.(service|socket|timer|target|mount|path|slice|scope|device|automount|swap)$/.test(name)
      ? name
      : `${name}.service`;
  }

  /** The file that defines a unit. */
  path(unit: string): string | undefined {
    const template = unit.replace(/@[^.]*\./, '@.');
    for (const directory of unitDirectories) {
      for (const name of [unit, template])
        if (this.machine.files.exists(`${directory}/${name}`)) return `${directory}/${name}`;
    }
    return undefined;
  }

  /** Has systemd ever heard of it? */
  isKnown(unit: string): boolean {
    return (
      this.#states.has(unit) || this.path(unit) !== undefined || /\.(target|slice|scope|device)$/.test(unit)
    );
  }

  isMasked(unit: string): boolean {
    const node = this.machine.files.stat(`/etc/systemd/system/${unit}`, false);
    return node?.kind === 'link' && node.target === '/dev/null';
  }

  state(unit: string): UnitState | undefined {
    return this.#states.get(unit);
  }

  set(unit: string, changes: Partial<UnitState>): void {
    const before = this.#states.get(unit) ?? {
      active: 'inactive',
      sub: 'dead',
      result: 'success',
      exitCode: 0,
      since: 0,
      mainPid: 0,
      description: unit,
    };
    this.#states.set(unit, { ...before, since: this.machine.nowSeconds(), ...changes });
  }

  /** Takes a transient unit out of the list. */
  forget(unit: string): void {
    this.#states.delete(unit);
  }

  all(): ReadonlyMap<string, UnitState> {
    return this.#states;
  }

  /** The keys of a section of the unit's file; repeated ones joined by newlines. */
  section(unit: string, name: string): Map<string, string> {
    const values = new Map<string, string>();
    const path = this.path(unit);
    let current = '';
    for (const line of (path === undefined ? '' : (this.machine.files.readIfThere(path) ?? ''))
      .replace(/\\\n/g, ' ')
      .split('\n')) {
      const header = /^\[(.+)\]\s*$/.exec(line);
      if (header !== null) current = header[1] ?? '';
      const pair = /^([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line);
      if (pair === null || current !== name) continue;
      const [, key = '', value = ''] = pair;
      const before = values.get(key);
      values.set(key, before === undefined ? value : `${before}\n${value}`);
    }
    return values;
  }

  /** `enabled`, `disabled`, `static`, `masked`, or undefined for an unknown unit. */
  enablement(unit: string): string | undefined {
    if (this.isMasked(unit)) return 'masked';
    if (this.path(unit) === undefined) return undefined;
    const { files } = this.machine;
    const root = '/etc/systemd/system';
    if (files.isDirectory(root)) {
      for (const name of files.list(root)) {
        if (/\.(wants|requires)$/.test(name) && files.stat(`${root}/${name}/${unit}`, false) !== undefined)
          return 'enabled';
      }
    }
    const install = this.section(unit, 'Install');
    return install.size === 0 ? 'static' : 'disabled';
  }

  /** Links the unit where its [Install] section says; yields the links made. */
  enable(unit: string): { link: string; target: string }[] {
    const install = this.section(unit, 'Install');
    const target = this.path(unit) ?? `/usr/lib/systemd/system/${unit}`;
    const made: { link: string; target: string }[] = [];
    for (const wanted of (install.get('WantedBy') ?? '').split(/\s+/).filter((name) => name !== '')) {
      const directory = `/etc/systemd/system/${wanted}.wants`;
      this.machine.files.makeDirectory(directory, { parents: true });
      const link = `${directory}/${unit}`;
      if (this.machine.files.stat(link, false) !== undefined) continue;
      this.machine.files.link(target, link);
      made.push({ link, target });
    }
    return made;
  }

  /** Takes the links of `enable` away; yields their paths. */
  disable(unit: string): string[] {
    const { files } = this.machine;
    const removed: string[] = [];
    const root = '/etc/systemd/system';
    for (const name of files.isDirectory(root) ? files.list(root) : []) {
      const link = `${root}/${name}/${unit}`;
      if (!/\.(wants|requires)$/.test(name) || files.stat(link, false) === undefined) continue;
      files.remove(link);
      removed.push(link);
    }
    return removed;
  }
}
