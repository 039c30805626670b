import { setTimezone } from '../boot/cloud-init.js';
import type { Process, Program } from '../system/process.js';
import { parseOptions } from './options.js';
import { linesOf } from './read-operands.js';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const date: Program = async (process, args) => {
  const { values, operands, flags } = parseOptions(args, ['d', 'date', 'r', 's']);
  const text = values.get('d') ?? values.get('date');
  const file = values.get('r');
  let ms = process.machine.clock.now();
  if (text !== undefined)
    ms = /^@\d/.test(text) ? Number(text.slice(1)) * 1000 : /^now$/.test(text) ? ms : Date.parse(text);
  if (file !== undefined) ms = (process.files.stat(process.path(file))?.mtime ?? 0) * 1000;
  if (Number.isNaN(ms)) return process.fail(`invalid date '${text}'`);
  const when = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const fields: Readonly<Record<string, string>> = {
    Y: String(when.getUTCFullYear()),
    y: two(when.getUTCFullYear() % 100),
    m: two(when.getUTCMonth() + 1),
    d: two(when.getUTCDate()),
    e: String(when.getUTCDate()).padStart(2),
    H: two(when.getUTCHours()),
    M: two(when.getUTCMinutes()),
    S: two(when.getUTCSeconds()),
    s: String(Math.floor(ms / 1000)),
    N: String(Math.floor((ms % 1000) * 1e6)).padStart(9, '0'),
    F: when.toISOString().slice(0, 10),
    T: when.toISOString().slice(11, 19),
    a: days[when.getUTCDay()] ?? '',
    b: months[when.getUTCMonth()] ?? '',
    Z: 'UTC',
    z: '+0000',
    j: '001',
    u: String(when.getUTCDay() || 7),
    n: '\n',
    t: '\t',
    '%': '%',
  };
  const format =
    operands.find((operand) => operand.startsWith('+'))?.slice(1) ??
    (flags.has('I') || flags.has('iso-8601')
      ? '%F'
      : flags.has('Iseconds') || flags.has('R')
        ? '%a, %d %b %Y %T %z'
        : '%a %b %e %T %Z %Y');
  await process.out(
    `${format.replace(/%(-?)([a-zA-Z%])|%:z/g, (match, _dash, letter: string | undefined) => (letter === undefined ? '+00:00' : (fields[letter] ?? match)))}\n`,
  );
  return 0;
};

const uname: Program = async (process, args) => {
  const { flags } = parseOptions(args);
  const version = process.files.readIfThere('/proc/version') ?? '';
  const release = version.split(' ')[2] ?? '6.8.0';
  const parts: string[] = [];
  const all = flags.has('a');
  if (all || flags.has('s') || flags.size === 0) parts.push('Linux');
  if (all || flags.has('n')) parts.push(process.machine.hostname());
  if (all || flags.has('r')) parts.push(release);
  if (all || flags.has('v')) parts.push(version.split(') ')[1]?.trim() ?? '#1');
  if (all || flags.has('m') || flags.has('p') || flags.has('i')) parts.push('x86_64');
  if (all || flags.has('o')) parts.push('GNU/Linux');
  await process.out(`${parts.join(' ')}\n`);
  return 0;
};

const hostname: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const { machine } = process;
  if (operands[0] !== undefined) {
    machine.kernelHostname = operands[0];
    return 0;
  }
  const name = machine.hostname();
  if (flags.has('I'))
    await process.out(
      `${machine.interfaces.flatMap((nic) => nic.addresses.filter((address) => !address.address.startsWith('fe80')).map((address) => address.address)).join(' ')} \n`,
    );
  else if (flags.has('f') || flags.has('fqdn')) {
    const line = linesOf(process.files.readIfThere('/etc/hosts') ?? '').find((each) =>
      each.split(/\s+/).slice(1).includes(name),
    );
    await process.out(`${line?.split(/\s+/)[1] ?? name}\n`);
  } else if (flags.has('d')) await process.out('\n');
  else await process.out(`${flags.has('s') ? name.split('.')[0] : name}\n`);
  return 0;
};

const hostnamectl: Program = async (process, args) => {
  const { operands, flags } = parseOptions(args);
  const [command, name] = operands;
  if ((command === 'set-hostname' || command === 'hostname') && name !== undefined) {
    process.files.write('/etc/hostname', `${name}\n`);
    process.machine.kernelHostname = name;
  } else
    await process.out(
      flags.has('static') || command === 'hostname'
        ? `${process.machine.hostname()}\n`
        : ` Static hostname: ${process.machine.hostname()}\n`,
    );
  return 0;
};

const timedatectl: Program = async (process, args) => {
  const { operands, values, flags } = parseOptions(args, ['p', 'property']);
  const [command = 'status', value = ''] = operands;
  const zone = process.files.readIfThere('/etc/timezone')?.trim() ?? 'Etc/UTC';
  if (command === 'set-timezone') {
    if (!process.files.exists(`/usr/share/zoneinfo/${value}`)) {
      await process.err(`Failed to set time zone: Invalid time zone '${value}'\n`);
      return 1;
    }
    setTimezone(process.machine, value);
  } else if (command === 'set-ntp') {
    const on = /^(1|yes|true|on)$/.test(value);
    process.machine.units.set(
      'systemd-timesyncd.service',
      on ? { active: 'active', sub: 'running' } : { active: 'inactive', sub: 'dead' },
    );
  } else if (command === 'show') {
    const ntp =
      process.machine.units.state('systemd-timesyncd.service')?.active === 'active' ||
      process.machine.units.state('chrony.service')?.active === 'active'
        ? 'yes'
        : 'no';
    const fields: Readonly<Record<string, string>> = {
      Timezone: zone,
      NTP: ntp,
      NTPSynchronized: ntp,
      LocalRTC: 'no',
      CanNTP: 'yes',
    };
    const wanted = values.get('p') ?? values.get('property');
    for (const name of wanted === undefined ? Object.keys(fields) : wanted.split(','))
      await process.out(flags.has('value') ? `${fields[name] ?? ''}\n` : `${name}=${fields[name] ?? ''}\n`);
  } else if (command === 'list-timezones') {
    for (const { path, node } of process.files.walk('/usr/share/zoneinfo'))
      if (node.kind === 'file') await process.out(`${path.slice('/usr/share/zoneinfo/'.length)}\n`);
  } else
    await process.out(
      `               Local time: ${new Date(process.machine.clock.now()).toUTCString()}\n                Time zone: ${zone} (UTC, +0000)\nSystem clock synchronized: yes\n              NTP service: active\n`,
    );
  return 0;
};

const localectl: Program = async (process, args) => {
  const { operands } = parseOptions(args);
  const [command = 'status', ...values] = operands;
  if (command === 'set-locale') {
    const text = values.map((value) => (value.includes('=') ? value : `LANG=${value}`)).join('\n');
    process.files.write('/etc/default/locale', `${text}\n`);
    process.files.write('/etc/locale.conf', `${text}\n`);
  } else
    await process.out(
      `   System Locale: ${(process.files.readIfThere('/etc/default/locale') ?? 'LANG=C.UTF-8').trim()}\n       VC Keymap: (unset)\n      X11 Layout: us\n`,
    );
  return 0;
};

const locale: Program = async (process, args) => {
  const generated = process.files.readIfThere('/usr/lib/locale/generated') ?? '';
  if (args.includes('-a')) await process.out(`C\nC.utf8\nPOSIX\n${generated}`);
  else await process.out(`${(process.files.readIfThere('/etc/default/locale') ?? 'LANG=C.UTF-8').trim()}\n`);
  return 0;
};

/** Generates the locales that are named, or that /etc/locale.gen lists. */
const localeGen: Program = async (process, args) => {
  const { files } = process;
  const named = parseOptions(args).operands;
  const listed = linesOf(files.readIfThere('/etc/locale.gen') ?? '')
    .filter((line) => /^[a-z]/i.test(line))
    .map((line) => line.split(' ')[0] ?? '');
  files.makeDirectory('/usr/lib/locale', { parents: true });
  const known = new Set(linesOf(files.readIfThere('/usr/lib/locale/generated') ?? ''));
  for (const name of [...named, ...listed]) {
    known.add(name.replace(/UTF-8/i, 'utf8'));
    await process.out(`  ${name}... done\n`);
  }
  files.write(
    '/usr/lib/locale/generated',
    [...known]
      .sort()
      .map((line) => `${line}\n`)
      .join(''),
  );
  return 0;
};

const updateLocale: Program = async (process, args) => {
  const pairs = args.filter((arg) => arg.includes('='));
  const kept = linesOf(process.files.readIfThere('/etc/default/locale') ?? '').filter(
    (line) => !pairs.some((pair) => line.startsWith(`${pair.split('=')[0]}=`)),
  );
  process.files.write('/etc/default/locale', `${[...kept, ...pairs].join('\n')}\n`);
  return 0;
};

const updateCa: Program = async (process) => {
  const { files } = process;
  const directory = '/usr/local/share/ca-certificates';
  const names = files.isDirectory(directory)
    ? [...files.walk(directory)].filter(({ path }) => path.endsWith('.crt'))
    : [];
  const texts = names.map(({ path }) => files.readIfThere(path) ?? '');
  files.makeDirectory('/etc/ssl/certs', { parents: true });
  const before = (files.readIfThere('/etc/ssl/certs/ca-certificates.crt') ?? '').split('# local\n')[0] ?? '';
  files.write('/etc/ssl/certs/ca-certificates.crt', `${before}# local\n${texts.join('\n')}`);
  for (const { path } of names) {
    const link = `/etc/ssl/certs/${path.replace(/^.*\//, '').replace(/\.crt$/, '.pem')}`;
    if (files.stat(link, false) === undefined) files.link(path, link);
  }
  await process.out(`Updating certificates in /etc/ssl/certs...\n${names.length} added, 0 removed; done.\n`);
  return 0;
};

const mounts = (process: Process) => linesOf(process.files.readIfThere('/run/mounts') ?? '');

const mount: Program = async (process, args) => {
  const { values, operands, flags } = parseOptions(args, ['t', 'o', 'L', 'U']);
  const { files } = process;
  if (operands.length === 0 && !flags.has('a')) {
    await process.out(
      `/dev/sda1 on / type ext4 (rw,relatime)\n${mounts(process)
        .map((line) => `${line}\n`)
        .join('')}`,
    );
    return 0;
  }
  const table = linesOf(files.readIfThere('/etc/fstab') ?? '')
    .filter((line) => /^[^#\s]/.test(line))
    .map((line) => line.split(/\s+/));
  const wanted = flags.has('a')
    ? table.filter((entry) => entry[1] !== '/' && entry[2] !== 'swap')
    : [
        operands.length > 1
          ? [operands[0] ?? '', operands[1] ?? '', values.get('t') ?? 'auto', values.get('o') ?? 'rw']
          : (table.find((entry) => entry[1] === operands[0]) ?? []),
      ];
  for (const [source, target, kind = 'auto', options = 'rw'] of wanted) {
    if (source === undefined || target === undefined || target === '')
      return process.fail(`${operands[0]}: can't find in /etc/fstab.`);
    if (!files.isDirectory(process.path(target)))
      return process.fail(`${target}: mount point does not exist.`, 32);
    const line = `${source} on ${target} type ${kind} (${options})`;
    if (!mounts(process).some((each) => each.includes(` on ${target} `)))
      files.write('/run/mounts', `${line}\n`, { append: true });
  }
  return 0;
};

const umount: Program = async (process, args) => {
  const target = parseOptions(args).operands[0] ?? '';
  const lines = mounts(process);
  const kept = lines.filter((line) => !line.includes(` on ${target} `) && !line.startsWith(`${target} on `));
  if (kept.length === lines.length) return process.fail(`${target}: not mounted.`, 32);
  process.files.write('/run/mounts', kept.map((line) => `${line}\n`).join(''));
  return 0;
};

const mountpoint: Program = async (process, args) => {
  const target = parseOptions(args).operands[0] ?? '';
  const yes =
    target === '/' || mounts(process).some((line) => line.includes(` on ${target.replace(/\/$/, '')} `));
  if (!args.includes('-q')) await process.out(`${target} is ${yes ? '' : 'not '}a mountpoint\n`);
  return yes ? 0 : 32;
};

const df: Program = async (process, args) => {
  const { flags, values } = parseOptions(args, ['t', 'x', 'B', 'output']);
  const total = process.machine.parts.hardware.diskBytes();
  const used = Math.min(total / 2, 1.6 * 2 ** 30);
  const unit = flags.has('B')
    ? values.get('B') === 'G' || values.get('B') === '1G'
      ? 2 ** 30
      : values.get('B') === 'M' || values.get('B') === '1M'
        ? 2 ** 20
        : 1
    : flags.has('m')
      ? 2 ** 20
      : 1024;
  const size = (bytes: number) =>
    flags.has('h') ? `${(bytes / 2 ** 30).toFixed(1)}G` : String(Math.floor(bytes / unit));
  const output = values.get('output');
  if (output !== undefined) {
    const fields: Readonly<Record<string, string>> = {
      source: '/dev/sda1',
      size: size(total),
      used: size(used),
      avail: size(total - used),
      pcent: `${Math.round((used / total) * 100)}%`,
      target: '/',
      fstype: 'ext4',
      iavail: '1000000',
    };
    await process.out(
      `${output
        .split(',')
        .map((name) => name.toUpperCase())
        .join(' ')}\n${output
        .split(',')
        .map((name) => fields[name] ?? '-')
        .join(' ')}\n`,
    );
    return 0;
  }
  await process.out(
    `Filesystem     ${flags.has('h') ? 'Size' : '1K-blocks'}      Used Available Use% Mounted on\n/dev/sda1 ${size(total)} ${size(used)} ${size(total - used)} ${Math.round((used / total) * 100)}% /\n`,
  );
  return 0;
};

const free: Program = async (process, args) => {
  const unit = args.includes('-m') ? 2 ** 20 : args.includes('-g') ? 2 ** 30 : args.includes('-b') ? 1 : 1024;
  const total = Math.floor(process.machine.parts.hardware.memoryBytes / unit);
  const used = Math.floor(total * 0.2);
  await process.out(
    `               total        used        free      shared  buff/cache   available\nMem:   ${total} ${used} ${total - used} 0 0 ${total - used}\nSwap:  0 0 0\n`,
  );
  return 0;
};

const ip: Program = async (process, args) => {
  const { machine } = process;
  const words = args.filter((arg) => !arg.startsWith('-'));
  const [object = '', command = 'show'] = words;
  const brief = args.includes('-br') || args.includes('-brief');
  if (object.startsWith('r')) {
    for (const nic of machine.interfaces) {
      if (nic.gateway !== undefined)
        await process.out(`default via ${nic.gateway} dev ${nic.name} proto static \n`);
      for (const address of nic.addresses.filter((each) => each.family === 'ipv4'))
        await process.out(
          `${address.address.replace(/\d+$/, '0')}/${address.prefix} dev ${nic.name} proto kernel scope link src ${address.address} \n`,
        );
    }
    return 0;
  }
  if (!object.startsWith('a') && !object.startsWith('l')) return 0;
  if (command !== 'show' && command !== 'list' && command !== 'ls') return 0;
  const wanted = words.at(-1);
  const all = [
    {
      name: 'lo',
      mac: '00:00:00:00:00:00',
      up: true,
      addresses: [{ family: 'ipv4' as const, address: '127.0.0.1', prefix: 8 }],
    },
    ...machine.interfaces,
  ];
  for (const [index, nic] of all.entries()) {
    if (
      wanted !== object &&
      wanted !== command &&
      all.some((each) => each.name === wanted) &&
      nic.name !== wanted
    )
      continue;
    const shown = nic.addresses.filter((address) =>
      args.includes('-4')
        ? address.family === 'ipv4'
        : args.includes('-6')
          ? address.family === 'ipv6'
          : true,
    );
    if (brief)
      await process.out(
        `${nic.name.padEnd(16)} ${nic.up ? 'UP' : 'DOWN'}             ${shown.map((address) => `${address.address}/${address.prefix}`).join(' ')}\n`,
      );
    else {
      await process.out(
        `${index + 1}: ${nic.name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state ${nic.up ? 'UP' : 'DOWN'}\n    link/ether ${nic.mac} brd ff:ff:ff:ff:ff:ff\n`,
      );
      if (!object.startsWith('l'))
        for (const address of shown)
          await process.out(
            `    ${address.family === 'ipv4' ? 'inet' : 'inet6'} ${address.address}/${address.prefix} scope ${address.address.startsWith('fe80') ? 'link' : 'global'} ${nic.name}\n`,
          );
    }
  }
  return 0;
};

const sysctl: Program = async (process, args) => {
  const { files } = process;
  const { flags, operands } = parseOptions(args, ['p', 'load', 'r']);
  const path = (key: string) => `/proc/sys/${key.replaceAll('.', '/')}`;
  const set = (key: string, value: string) => {
    files.makeDirectory(path(key).replace(/\/[^/]*$/, ''), { parents: true });
    files.write(path(key), `${value}\n`);
  };
  if (flags.has('system') || flags.has('p')) {
    const names = files.isDirectory('/etc/sysctl.d')
      ? files.list('/etc/sysctl.d').map((name) => `/etc/sysctl.d/${name}`)
      : [];
    for (const name of [...names, '/etc/sysctl.conf']) {
      for (const line of linesOf(files.readIfThere(name) ?? '')) {
        const pair = /^\s*([\w./-]+)\s*=\s*(.*?)\s*$/.exec(line);
        if (pair !== null) set(pair[1] ?? '', pair[2] ?? '');
      }
    }
    return 0;
  }
  let code = 0;
  for (const operand of operands) {
    const [key = '', value] = operand.split('=').map((part) => part.trim());
    if (value !== undefined) set(key, value);
    const current = files.readIfThere(path(key))?.trim();
    if (current === undefined)
      code = await process.fail(`cannot stat ${path(key)}: No such file or directory`, 255);
    else if (!flags.has('q')) await process.out(flags.has('n') ? `${current}\n` : `${key} = ${current}\n`);
  }
  return code;
};

const lsbRelease: Program = async (process, args) => {
  const { flags } = parseOptions(args);
  const release = process.files.readIfThere('/etc/os-release') ?? '';
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  const values = [
    ['i', 'Distributor ID', field('NAME').split(' ')[0]],
    ['d', 'Description', field('PRETTY_NAME')],
    ['r', 'Release', field('VERSION_ID')],
    ['c', 'Codename', field('VERSION_CODENAME')],
  ] as const;
  for (const [letter, label, value] of values) {
    if (flags.has(letter) || flags.has('a'))
      await process.out(flags.has('s') ? `${value}\n` : `${label}:\t${value}\n`);
  }
  return 0;
};

const power =
  (action: 'poweroff' | 'reboot'): Program =>
  (process, args) => {
    process.machine.parts.power(process.name === 'shutdown' && args.includes('-r') ? 'reboot' : action);
    return 0;
  };

const says =
  (text: string): Program =>
  async (process) => {
    await process.out(text);
    return 0;
  };

const which: Program = async (process, args) => {
  let code = 0;
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    const found = process.machine.findProgram(name, process.env.get('PATH') ?? '', process.cwd);
    if (found.kind === 'program' || found.kind === 'script') await process.out(`${found.path}\n`);
    else code = 1;
  }
  return code;
};

/** Programs that show or set the system. */
export const systemPrograms: Readonly<Record<string, Program>> = {
  date,
  uname,
  hostname,
  hostnamectl,
  timedatectl,
  localectl,
  locale,
  'locale-gen': localeGen,
  'update-locale': updateLocale,
  'update-ca-certificates': updateCa,
  mount,
  umount,
  mountpoint,
  df,
  free,
  ip,
  sysctl,
  lsb_release: lsbRelease,
  reboot: power('reboot'),
  shutdown: power('poweroff'),
  poweroff: power('poweroff'),
  halt: power('poweroff'),
  which,
  whoami: async (process) => {
    await process.out(`${process.machine.accounts.user(String(process.uid))?.name ?? process.uid}\n`);
    return 0;
  },
  nproc: async (process) => {
    await process.out(`${process.machine.parts.hardware.cpus()}\n`);
    return 0;
  },
  uptime: async (process, args) => {
    const since = new Date(process.machine.bootedAtMs).toISOString().replace('T', ' ').slice(0, 19);
    await process.out(
      args.includes('-s')
        ? `${since}\n`
        : ` up ${Math.floor(process.machine.uptimeSeconds() / 60)} min,  0 users,  load average: 0.08, 0.03, 0.01\n`,
    );
    return 0;
  },
  pwd: async (process) => {
    await process.out(`${process.cwd}\n`);
    return 0;
  },
  arch: says('x86_64\n'),
  tty: async (process) => {
    await process.out('not a tty\n');
    return 1;
  },
  true: () => 0,
  false: () => 1,
  sync: () => 0,
  who: () => 0,
  dmesg: () => 0,
  logger: () => 0,
  fstrim: () => 0,
  du: says('4\t.\n'),
};
