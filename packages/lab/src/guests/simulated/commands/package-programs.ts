import { packageTable } from '../images/package-table.js';
import { patternToRegExp } from '../shell/pattern.js';
import type { Process, Program } from '../system/process.js';
import { aptConfig } from './apt-config.js';
import { parseOptions } from './options.js';
import {
  availablePackage,
  installedPackages,
  installPackages,
  removePackages,
  sources,
  updateIndex,
} from './packages.js';

const aptOptions = ['o', 't', 'c', 'a', 'option', 'target-release'];

/** The programs `apt-get` and `apt`. */
const aptGet: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args, aptOptions);
  const [command = '', ...names] = operands;
  const quiet =
    flags.has('qq') ||
    args.includes('-qq') ||
    (args
      .filter((arg) => /^-[a-z]*q/.test(arg))
      .join('')
      .match(/q/g)?.length ?? 0) >= 2;
  const say = (text: string) => (quiet ? Promise.resolve() : process.out(text));
  if (
    process.uid !== 0 &&
    /^(install|remove|purge|update|upgrade|dist-upgrade|full-upgrade|autoremove)$/.test(command)
  ) {
    await process.err(
      'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n',
    );
    return 100;
  }
  switch (command) {
    case 'update': {
      await process.sleep(800);
      updateIndex(process.machine);
      for (const [index, uri] of [
        ...new Set(sources(process.machine).match(/https?:\/\/\S+/g) ?? []),
      ].entries())
        await say(`Hit:${index + 1} ${uri} InRelease\n`);
      await say('Reading package lists...\n');
      return 0;
    }
    case 'install':
    case 'reinstall':
      return install(process, names, flags.has('s') || flags.has('simulate') || flags.has('dry-run'), say);
    case 'remove':
    case 'purge':
    case 'autoremove': {
      await process.sleep(300);
      const purge = command === 'purge' || flags.has('purge');
      const removed = removePackages(process.machine, expandNames(process, names), purge);
      for (const name of removed) await say(`Removing ${name} ...\n`);
      return 0;
    }
    case 'upgrade':
    case 'dist-upgrade':
    case 'full-upgrade':
      await process.sleep(500);
      await say(
        'Reading package lists...\nBuilding dependency tree...\nCalculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n',
      );
      return 0;
    case 'clean':
    case 'autoclean':
    case 'check':
      return 0;
    case 'list': {
      for (const { name, version } of installedPackages(process.machine).values()) {
        if (names.length === 0 || names.includes(name))
          await process.out(`${name}/now ${version} amd64 [installed]\n`);
      }
      return 0;
    }
    default:
      await process.err(`E: Invalid operation ${command}\n`);
      return 100;
  }
};

function expandNames(process: Process, names: readonly string[]): string[] {
  return names.flatMap((name) =>
    name.includes('*')
      ? [...installedPackages(process.machine).keys()].filter((each) => patternToRegExp(name).test(each))
      : [name],
  );
}

async function install(
  process: Process,
  names: readonly string[],
  simulate: boolean,
  say: (text: string) => Promise<void>,
): Promise<number> {
  await say('Reading package lists...\nBuilding dependency tree...\nReading state information...\n');
  const local = names.filter((name) => name.endsWith('.deb'));
  for (const path of local) {
    if (!process.files.exists(process.path(path))) {
      await process.err(`E: Unsupported file ${path} given on commandline\n`);
      return 100;
    }
  }
  const wanted = names.filter((name) => !name.endsWith('.deb'));
  const missing = wanted.filter(
    (name) => availablePackage(process.machine, name.replace(/[=/].*$/, '')) === undefined,
  );
  if (missing.length > 0) {
    for (const name of missing) {
      const known = packageTable[name] !== undefined;
      if (known)
        await process.err(`Package ${name} is not available, but is referred to by another package.\n`);
      await process.err(
        known
          ? `E: Package '${name}' has no installation candidate\n`
          : `E: Unable to locate package ${name}\n`,
      );
    }
    return 100;
  }
  if (simulate) return 0;
  await process.sleep(400 + 300 * wanted.length);
  const { installed, log } = installPackages(process.machine, wanted);
  for (const name of wanted.filter((each) => !installed.includes(each.replace(/[=/].*$/, '')))) {
    await say(
      `${name} is already the newest version (${installedPackages(process.machine).get(name)?.version ?? ''}).\n`,
    );
  }
  await say(`${log}0 upgraded, ${installed.length} newly installed, 0 to remove and 0 not upgraded.\n`);
  return 0;
}

const aptCache: Program = async (process, args) => {
  const { operands } = parseOptions(args, aptOptions);
  const [command = '', ...names] = operands;
  let code = 0;
  for (const name of names) {
    const entry = availablePackage(process.machine, name);
    if (entry === undefined) {
      if (command !== 'policy') {
        await process.err('E: No packages found\n');
        code = 100;
      }
      continue;
    }
    const installed = installedPackages(process.machine).get(name);
    if (command === 'policy')
      await process.out(
        `${name}:\n  Installed: ${installed?.version ?? '(none)'}\n  Candidate: ${entry.version}\n  Version table:\n     ${entry.version} 500\n`,
      );
    else if (command === 'madison')
      await process.out(` ${name} | ${entry.version} | ${entry.repository ?? 'archive'}\n`);
    else await process.out(`Package: ${name}\nVersion: ${entry.version}\nArchitecture: amd64\n\n`);
  }
  return code;
};

// biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of dpkg-query's formats
const defaultFormat = '${Package}\\t${Version}\\n';

const dpkgQuery: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['f', 'showformat']);
  const packages = installedPackages(process.machine);
  const format = (values.get('f') ?? values.get('showformat'))?.replace(/^=/, '');
  if (flags.has('S') || flags.has('search')) {
    for (const path of operands) {
      const owner = [...packages.keys()].find(
        (name) =>
          process.files.readIfThere(`/var/lib/dpkg/info/${name}.list`)?.split('\n').includes(path) === true,
      );
      if (owner === undefined) return process.fail(`no path found matching pattern ${path}`);
      await process.out(`${owner}: ${path}\n`);
    }
    return 0;
  }
  if (flags.has('L') || flags.has('listfiles')) {
    for (const name of operands)
      await process.out(process.files.readIfThere(`/var/lib/dpkg/info/${name}.list`) ?? '');
    return operands.every((name) => packages.has(name)) ? 0 : 1;
  }
  const isList = flags.has('l') || flags.has('list');
  if (isList)
    await process.out(
      'Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ Name Version Architecture Description\n',
    );
  let code = 0;
  const selected =
    operands.length === 0
      ? [...packages.keys()]
      : operands.flatMap((name) =>
          name.includes('*')
            ? [...packages.keys()].filter((each) => patternToRegExp(name).test(each))
            : [name.replace(/:amd64$/, '')],
        );
  for (const name of selected) {
    const known = packages.get(name);
    if (known === undefined) {
      await process.err(
        flags.has('s') || flags.has('status')
          ? `dpkg-query: package '${name}' is not installed and no information is available\n`
          : `dpkg-query: no packages found matching ${name}\n`,
      );
      code = 1;
      continue;
    }
    const good = known.status === 'install ok installed';
    if (isList) await process.out(`${good ? 'ii' : 'rc'}  ${name} ${known.version} amd64 ${name}\n`);
    else if (flags.has('s') || flags.has('status'))
      await process.out(
        `Package: ${name}\nStatus: ${known.status}\nVersion: ${known.version}\nArchitecture: amd64\n`,
      );
    else {
      const fields: Readonly<Record<string, string>> = {
        Package: name,
        Version: known.version,
        Status: known.status,
        'db:Status-Abbrev': good ? 'ii ' : 'rc ',
        'db:Status-Status': good ? 'installed' : 'config-files',
        Architecture: 'amd64',
        'binary:Package': name,
      };
      await process.out(
        (format ?? defaultFormat)
          .replace(/\$\{([^}]+)\}/g, (_match, field: string) => fields[field.replace(/;.*$/, '')] ?? '')
          .replaceAll('\\n', '\n')
          .replaceAll('\\t', '\t'),
      );
    }
  }
  return code;
};

const dpkg: Program = async (process, args) => {
  if (args.includes('--print-architecture')) {
    await process.out('amd64\n');
    return 0;
  }
  if (args.includes('--compare-versions'))
    return compareVersions(args.slice(args.indexOf('--compare-versions') + 1));
  if (args.some((arg) => /^(-[lsLSW]|--(list|status|listfiles|search|show))/.test(arg)))
    return dpkgQuery(process, args);
  const { flags, operands } = parseOptions(args);
  if (flags.has('P') || flags.has('purge') || flags.has('r') || flags.has('remove'))
    removePackages(process.machine, operands, flags.has('P') || flags.has('purge'));
  return 0;
};

function compareVersions([left = '', operator = '', right = '']: readonly string[]): number {
  const order = left.localeCompare(right, 'en', { numeric: true });
  const results: Readonly<Record<string, boolean>> = {
    lt: order < 0,
    le: order <= 0,
    eq: order === 0,
    ne: order !== 0,
    ge: order >= 0,
    gt: order > 0,
    '<<': order < 0,
    '>>': order > 0,
  };
  return results[operator] === true ? 0 : 1;
}

const dnf: Program = async (process, args) => {
  const { operands } = parseOptions(args, ['o', 'enablerepo', 'repo']);
  const [command = '', ...names] = operands;
  if (command === 'install') {
    await process.sleep(800 + 300 * names.length);
    const { missing } = installPackages(process.machine, names);
    for (const name of missing) await process.err(`Error: Unable to find a match: ${name}\n`);
    if (missing.length === 0) await process.out('Complete!\n');
    return missing.length > 0 ? 1 : 0;
  }
  if (command === 'remove' || command === 'erase') removePackages(process.machine, names, true);
  return 0;
};

const rpm: Program = async (process, args) => {
  const { operands } = parseOptions(args, ['qf', 'queryformat']);
  const packages = installedPackages(process.machine);
  let code = 0;
  for (const name of operands) {
    const known = packages.get(name);
    if (known === undefined) code = 1;
    await process.out(
      known === undefined ? `package ${name} is not installed\n` : `${name}-${known.version}.x86_64\n`,
    );
  }
  return code;
};

/** Programs of the package database. */
export const packagePrograms: Readonly<Record<string, Program>> = {
  'apt-get': aptGet,
  apt: aptGet,
  'apt-cache': aptCache,
  'apt-mark': () => 0,
  'apt-config': aptConfig,
  'add-apt-repository': async (process, args) => {
    const line = args.filter((arg) => !arg.startsWith('-')).join(' ');
    process.files.write('/etc/apt/sources.list.d/archive_uri.list', `${line}\n`, { append: true });
    updateIndex(process.machine);
    return 0;
  },
  'debconf-set-selections': async (process) => {
    await process.input();
    return 0;
  },
  'dpkg-query': dpkgQuery,
  dpkg,
  'dpkg-deb': () => 0,
  'dpkg-reconfigure': () => 0,
  dnf,
  rpm,
};
