import { dpkgEntry } from '../images/base-image.js';
import { type PackageEntry, packageTable } from '../images/package-table.js';
import { serviceFile } from '../images/unit-files.js';
import { type Machine, programContent } from '../system/machine.js';
import { startUnit } from './systemd.js';

/** A package as the guest's database has it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly status: string;
}

const statusPath = '/var/lib/dpkg/status';

/** The packages that are installed, or whose configuration is left. */
export function installedPackages(machine: Machine): Map<string, InstalledPackage> {
  const found = new Map<string, InstalledPackage>();
  for (const paragraph of (machine.files.readIfThere(statusPath) ?? '').split(/\n\n+/)) {
    const name = /^Package: (.+)$/m.exec(paragraph)?.[1];
    if (name === undefined) continue;
    found.set(name, {
      name,
      version: /^Version: (.+)$/m.exec(paragraph)?.[1] ?? '',
      status: /^Status: (.+)$/m.exec(paragraph)?.[1] ?? '',
    });
  }
  return found;
}

function writeDatabase(machine: Machine, packages: ReadonlyMap<string, InstalledPackage>): void {
  const text = [...packages.values()]
    .map(({ name, version, status }) => dpkgEntry(name, version).replace('install ok installed', status))
    .join('\n');
  machine.files.makeDirectory('/var/lib/dpkg', { parents: true });
  machine.files.write(statusPath, text);
}

/** Downloads the index: from then on packages of configured repositories can be found. */
export function updateIndex(machine: Machine): void {
  const { files } = machine;
  files.makeDirectory('/var/lib/apt/lists', { parents: true });
  files.write('/var/lib/apt/lists/index', sources(machine));
}

/** All lines of the sources lists. */
export function sources(machine: Machine): string {
  const { files } = machine;
  const directory = '/etc/apt/sources.list.d';
  const names = files.isDirectory(directory)
    ? files.list(directory).map((name) => `${directory}/${name}`)
    : [];
  return ['/etc/apt/sources.list', ...names].map((path) => files.readIfThere(path) ?? '').join('\n');
}

/** The offer of a package in the repositories whose index was downloaded. */
export function availablePackage(machine: Machine, name: string): PackageEntry | undefined {
  const entry = packageTable[name] ?? kernelPackage(machine, name);
  if (entry?.repository === undefined) return entry;
  const index = machine.files.readIfThere('/var/lib/apt/lists/index') ?? '';
  return index.includes(entry.repository) ? entry : undefined;
}

function kernelPackage(machine: Machine, name: string): PackageEntry | undefined {
  return /^linux-(image|headers|modules|modules-extra|generic|virtual|tools)/.test(name)
    ? { version: machine.files.readIfThere('/proc/version')?.split(' ')[2] ?? '6.8.0' }
    : undefined;
}

/** Installs packages with what they depend on. Yields what cannot be found (then nothing is installed) and apt's talk. */
export function installPackages(
  machine: Machine,
  names: readonly string[],
): { installed: string[]; missing: string[]; log: string } {
  const wanted = names.map((name) => name.replace(/[=/].*$/, ''));
  const missing = wanted.filter((name) => availablePackage(machine, name) === undefined);
  if (missing.length > 0) return { installed: [], missing, log: '' };
  const database = installedPackages(machine);
  const queue: string[] = [];
  const visit = (name: string) => {
    if (queue.includes(name) || database.get(name)?.status === 'install ok installed') return;
    const entry = availablePackage(machine, name);
    if (entry === undefined) return;
    for (const dependency of entry.depends ?? []) visit(dependency);
    queue.push(name);
  };
  for (const name of wanted) visit(name);
  let log = '';
  for (const name of queue) {
    const entry = availablePackage(machine, name);
    if (entry === undefined) continue;
    database.set(name, { name, version: entry.version, status: 'install ok installed' });
    log += `Selecting previously unselected package ${name}.\nUnpacking ${name} (${entry.version}) ...\nSetting up ${name} (${entry.version}) ...\n`;
  }
  writeDatabase(machine, database);
  for (const name of queue) unpack(machine, name, availablePackage(machine, name));
  return { installed: queue, missing: [], log };
}

function programPath(command: string): string {
  return command.startsWith('/') ? command : `/usr/bin/${command}`;
}

function unpack(machine: Machine, name: string, entry: PackageEntry | undefined): void {
  if (entry === undefined) return;
  const { files, accounts, units } = machine;
  const listing: string[] = [];
  for (const group of entry.groups ?? [])
    if (accounts.group(group) === undefined) accounts.addGroup(group, { system: true });
  for (const user of entry.users ?? [])
    if (accounts.user(user) === undefined)
      accounts.addUser(user, { system: true, home: `/var/lib/${user}`, shell: '/usr/sbin/nologin' });
  for (const [path, content] of Object.entries(entry.files ?? {})) {
    files.makeDirectory(path.replace(/\/[^/]*$/, ''), { parents: true });
    if (!files.exists(path)) files.write(path, content);
    listing.push(path);
  }
  for (const command of entry.commands ?? []) {
    const path = programPath(command);
    files.makeDirectory(path.replace(/\/[^/]*$/, ''), { parents: true });
    files.write(path, programContent(path.replace(/^.*\//, '')), { mode: 0o755 });
    files.change(path, { mode: 0o755 });
    listing.push(path);
  }
  for (const unit of [...(entry.services ?? []), ...(entry.staticServices ?? [])]) {
    const path = `/usr/lib/systemd/system/${unit}`;
    const isStatic = entry.staticServices?.includes(unit) === true;
    files.makeDirectory('/usr/lib/systemd/system', { parents: true });
    files.write(path, serviceFile({ name: unit, description: `${name} service`, isStatic }));
    listing.push(path);
    if (isStatic) continue;
    units.enable(unit);
    if (!units.isMasked(unit)) void startUnit(machine, unit);
  }
  files.makeDirectory('/var/lib/dpkg/info', { parents: true });
  files.write(`/var/lib/dpkg/info/${name}.list`, listing.map((path) => `${path}\n`).join(''));
}

/** Removes packages; `purge` their configuration, too. Names that are not installed are passed over. */
export function removePackages(machine: Machine, names: readonly string[], purge: boolean): string[] {
  const database = installedPackages(machine);
  const removed: string[] = [];
  for (const name of names.map((each) => each.replace(/[:=].*$/, ''))) {
    const known = database.get(name);
    if (known === undefined) continue;
    removed.push(name);
    if (purge) database.delete(name);
    else database.set(name, { ...known, status: 'deinstall ok config-files' });
    for (const path of (machine.files.readIfThere(`/var/lib/dpkg/info/${name}.list`) ?? '')
      .split('\n')
      .filter((each) => each !== '')) {
      const unit = path.replace(/^.*\//, '');
      if (path.includes('/systemd/system/')) {
        machine.units.set(unit, { active: 'inactive', sub: 'dead', mainPid: 0 });
        machine.units.disable(unit);
      }
      if (machine.files.stat(path, false) !== undefined) machine.files.remove(path);
    }
    const entry = packageTable[name];
    for (const command of entry?.commands ?? []) {
      const path = programPath(command);
      if (machine.files.stat(path, false) !== undefined) machine.files.remove(path);
    }
  }
  writeDatabase(machine, database);
  return removed;
}
