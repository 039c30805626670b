import { signalNumber } from '../shell/builtins.js';
import type { Process, Program } from '../system/process.js';
import { runChild } from './list-programs.js';
import { parseOptions } from './options.js';
import { linesOf } from './read-operands.js';

const env: Program = async (process, args) => {
  const rest = [...args];
  let environment = new Map(process.env);
  let cwd = process.cwd;
  while (rest[0] !== undefined && (rest[0].startsWith('-') || /^[A-Za-z_]\w*=/.test(rest[0]))) {
    const arg = rest.shift() ?? '';
    if (arg === '-i' || arg === '-') environment = new Map();
    else if (arg === '-u') environment.delete(rest.shift() ?? '');
    else if (arg === '-C') cwd = process.path(rest.shift() ?? '');
    else if (arg === '--') break;
    else if (!arg.startsWith('-'))
      environment.set(arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1));
  }
  if (rest.length === 0) {
    await process.out([...environment].map(([name, value]) => `${name}=${value}\n`).join(''));
    return 0;
  }
  return runChild(process, rest, { env: environment, cwd });
};

const printenv: Program = async (process, args) => {
  if (args[0] === undefined) return env(process, []);
  const value = process.env.get(args[0]);
  if (value === undefined) return 1;
  await process.out(`${value}\n`);
  return 0;
};

const xargs: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, ['n', 'I', 'P', 'd', 'L', 's', 'a'], true);
  const text = await process.input();
  const delimiter = flags.has('0') || flags.has('null') ? '\0' : values.get('d')?.replace('\\n', '\n');
  const replace = values.get('I');
  const items =
    delimiter !== undefined
      ? text.split(delimiter).filter((item, index, all) => item !== '' || index < all.length - 1)
      : replace !== undefined
        ? linesOf(text)
        : (text.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^["'](.*)["']$/, '$1'));
  const command = operands.length === 0 ? ['echo'] : operands;
  if (items.length === 0 && (flags.has('r') || flags.has('no-run-if-empty') || replace !== undefined))
    return 0;
  const size =
    replace !== undefined ? 1 : Number(values.get('n') ?? values.get('L') ?? Math.max(1, items.length));
  let code = 0;
  for (let index = 0; index < Math.max(1, items.length); index += size) {
    const batch = items.slice(index, index + size);
    const argv =
      replace === undefined
        ? [...command, ...batch]
        : command.map((word) => word.replaceAll(replace, batch[0] ?? ''));
    const status = await runChild(process, argv);
    if (status === 255) return 124;
    if (status !== 0) code = status === 126 || status === 127 ? status : 123;
  }
  return code;
};

const timeout: Program = async (process, args) => {
  const { values, operands, flags } = parseOptions(args, ['s', 'signal', 'k', 'kill-after'], true);
  const [limit = '0', ...argv] = operands;
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
  const seconds = Number.parseFloat(limit) * (units[limit.slice(-1)] ?? 1);
  const found = process.machine.findProgram(argv[0] ?? '', process.env.get('PATH') ?? '', process.cwd);
  if (found.kind === 'missing')
    return process.fail(`failed to run command '${argv[0]}': No such file or directory`, 127);
  for (const file of process.open.values()) file.holders += 1;
  const child = process.machine.exec(
    process,
    { argv, env: process.env, files: new Map(process.open) },
    found,
  );
  let expired = false;
  const cancel = process.machine.clock.schedule(seconds * 1000, () => {
    expired = true;
    child.kill(signalNumber(values.get('s') ?? values.get('signal') ?? 'TERM') ?? 15);
  });
  const status = await process.waitFor(child.exited);
  cancel();
  if (expired && !flags.has('preserve-status')) return 124;
  return status.code ?? 128 + (status.signal ?? 0);
};

const setsid: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args, [], true);
  const found = process.machine.findProgram(operands[0] ?? '', process.env.get('PATH') ?? '', process.cwd);
  if (found.kind === 'missing')
    return process.fail(`failed to execute ${operands[0]}: No such file or directory`, 127);
  for (const file of process.open.values()) file.holders += 1;
  const child = process.machine.exec(
    process,
    { argv: operands, env: process.env, files: new Map(process.open) },
    found,
  );
  child.session = child.pid;
  if (flags.has('f') || flags.has('fork')) return 0;
  const status = await process.waitFor(child.exited);
  return status.code ?? 128 + (status.signal ?? 0);
};

const nohup: Program = (process, args) => {
  process.ignored.add(1);
  return runChild(process, args);
};

const sleep: Program = async (process, args) => {
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
  let seconds = 0;
  for (const arg of args) {
    if (arg === 'infinity') seconds = 1e9;
    else if (!/^\d*\.?\d+[smhd]?$/.test(arg)) return process.fail(`invalid time interval '${arg}'`);
    else seconds += Number.parseFloat(arg) * (units[arg.slice(-1)] ?? 1);
  }
  await process.sleep(seconds * 1000);
  return 0;
};

/** `sudo` and `su`: another user, for programs that root or a sudoer starts. */
const sudo: Program = async (process, args) => {
  const { values, operands, flags } = parseOptions(args, ['u', 'user', 'g', 'group', 'C', 'h', 'p'], true);
  const { accounts } = process.machine;
  const name = values.get('u') ?? values.get('user') ?? 'root';
  const user = accounts.user(name.replace(/^#/, ''));
  if (user === undefined) return process.fail(`unknown user ${name}`);
  const caller = accounts.user(String(process.uid));
  if (
    process.uid !== 0 &&
    caller !== undefined &&
    !accounts.groupsOf(caller).some((group) => group.name === 'sudo' || group.name === 'wheel')
  ) {
    await process.err('sudo: a password is required\n');
    return 1;
  }
  const environment = new Map(process.env);
  environment.set('USER', user.name);
  environment.set('LOGNAME', user.name);
  environment.set('SUDO_USER', caller?.name ?? 'root');
  if (flags.has('H') || flags.has('i') || !flags.has('E')) environment.set('HOME', user.home);
  const rest = [...operands];
  while (rest[0] !== undefined && /^[A-Za-z_]\w*=/.test(rest[0])) {
    const pair = rest.shift() ?? '';
    environment.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  }
  if (flags.has('l') || flags.has('v') || flags.has('k')) return 0;
  const argv =
    flags.has('i') || flags.has('s')
      ? rest.length === 0
        ? [user.shell]
        : [user.shell, '-c', rest.join(' ')]
      : rest;
  return runChild(process, argv, {
    env: environment,
    uid: user.uid,
    gid: user.gid,
    ...(flags.has('i') && { cwd: user.home }),
  });
};

const su: Program = async (process, args) => {
  const login = args.includes('-') || args.includes('-l') || args.includes('--login');
  const { values, operands } = parseOptions(
    args.filter((arg) => arg !== '-'),
    ['c', 'command', 's', 'shell', 'g', 'G', 'w'],
  );
  const user = process.machine.accounts.user(operands[0] ?? 'root');
  if (user === undefined)
    return process.fail(
      `user ${operands[0]} does not exist or the user entry does not contain all the required fields`,
    );
  if (process.uid !== 0) return process.fail('Authentication failure');
  const environment = new Map(process.env);
  environment.set('HOME', user.home);
  environment.set('USER', user.name);
  environment.set('LOGNAME', user.name);
  const command = values.get('c') ?? values.get('command');
  const shell = values.get('s') ?? values.get('shell') ?? user.shell;
  return runChild(process, command === undefined ? [shell] : [shell, '-c', command], {
    env: environment,
    uid: user.uid,
    gid: user.gid,
    ...(login && process.files.isDirectory(user.home) && { cwd: user.home }),
  });
};

const kill: Program = async (process, args) => {
  let signal = 15;
  const pids: number[] = [];
  for (const arg of args) {
    if (/^-[A-Z0-9]/i.test(arg) && pids.length === 0 && arg !== '--')
      signal = signalNumber(arg.slice(1)) ?? signal;
    else if (arg !== '--') pids.push(Number(arg));
  }
  let code = 0;
  for (const pid of pids) {
    const found = process.machine.processesOf(pid);
    if (found.length === 0) code = await process.fail(`(${pid}): No such process`);
    for (const each of found) each.kill(signal);
  }
  return code;
};

function matching(process: Process, pattern: string, full: boolean): Process[] {
  const expression = new RegExp(pattern);
  return [...process.machine.processes.values()].filter(
    (each) =>
      each.pid !== process.pid &&
      each.pid !== process.ppid &&
      expression.test(full ? each.argv.join(' ') : each.name),
  );
}

const pgrep: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args, ['u', 'U', 'P', 'g', 's', 'signal']);
  const signal = args.map((arg) => /^-([A-Z]+|\d+)$/.exec(arg)?.[1]).find((text) => text !== undefined);
  const pattern = operands[0] ?? '';
  const found = matching(process, pattern, flags.has('f'));
  // Daemons of packages are units without processes.
  const daemons = [...process.machine.units.all()].filter(
    ([unit, state]) =>
      state.active === 'active' &&
      state.mainPid > 0 &&
      new RegExp(pattern).test(unit.replace('.service', '')),
  );
  if (process.name === 'pkill') for (const each of found) each.kill(signalNumber(signal ?? 'TERM') ?? 15);
  else
    for (const pid of [...found.map((each) => each.pid), ...daemons.map(([, state]) => state.mainPid)])
      await process.out(`${pid}${flags.has('l') || flags.has('a') ? ` ${pattern}` : ''}\n`);
  return found.length + daemons.length > 0 ? 0 : 1;
};

const ps: Program = async (process, args) => {
  const { values } = parseOptions(args, ['p', 'o', 'C', 'u', 'q']);
  const pid = values.get('p') ?? values.get('q');
  const shown = [...process.machine.processes.values()].filter(
    (each) => pid === undefined || pid.split(/[ ,]/).includes(String(each.pid)),
  );
  const format = values.get('o');
  if (format === undefined) await process.out('  PID TTY          TIME CMD\n');
  for (const each of shown) {
    const fields: Readonly<Record<string, string>> = {
      pid: String(each.pid),
      ppid: String(each.ppid),
      comm: each.name,
      args: each.argv.join(' '),
      cmd: each.argv.join(' '),
      user: process.machine.accounts.user(String(each.uid))?.name ?? 'root',
      stat: 'S',
      pgid: String(each.session),
      sid: String(each.session),
    };
    await process.out(
      format === undefined
        ? `${String(each.pid).padStart(5)} ?        00:00:00 ${each.name}\n`
        : `${format
            .split(',')
            .map((name) => fields[name.replace('=', '')] ?? '')
            .join(' ')}\n`,
    );
  }
  return shown.length > 0 ? 0 : 1;
};

const flock: Program = (process, args) => {
  const { operands, values } = parseOptions(args, ['w', 'c', 'E'], true);
  const command = values.get('c');
  return command === undefined
    ? operands.length > 1
      ? runChild(process, operands.slice(1))
      : 0
    : runChild(process, ['/bin/sh', '-c', command]);
};

/** Programs that run, stop or look at other programs. */
export const runPrograms: Readonly<Record<string, Program>> = {
  env,
  printenv,
  xargs,
  timeout,
  setsid,
  nohup,
  sleep,
  sudo,
  su,
  kill,
  pgrep,
  pkill: pgrep,
  ps,
  flock,
  nice: (process, args) => runChild(process, parseOptions(args, ['n'], true).operands),
  ionice: (process, args) => runChild(process, parseOptions(args, ['c', 'n'], true).operands),
  stdbuf: (process, args) => runChild(process, parseOptions(args, ['i', 'o', 'e'], true).operands),
};
