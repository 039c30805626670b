import { hashPassword, makeHome } from '../boot/users.js';
import type { Process, Program } from '../system/process.js';
import { parseOptions } from './options.js';
import { linesOf } from './read-operands.js';

const id: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args);
  const { accounts } = process.machine;
  const user = accounts.user(operands[0] ?? String(process.uid));
  if (user === undefined) return process.fail(`'${operands[0] ?? process.uid}': no such user`);
  const groups = accounts.groupsOf(user);
  const name = flags.has('n');
  const primary = accounts.group(String(user.gid));
  const sorted = [
    ...(primary === undefined ? [] : [primary]),
    ...groups.filter((group) => group.gid !== user.gid),
  ];
  if (flags.has('u')) await process.out(`${name ? user.name : user.uid}\n`);
  else if (flags.has('g')) await process.out(`${name ? (primary?.name ?? user.gid) : user.gid}\n`);
  else if (flags.has('G'))
    await process.out(`${sorted.map((group) => (name ? group.name : group.gid)).join(' ')}\n`);
  else
    await process.out(
      `uid=${user.uid}(${user.name}) gid=${user.gid}(${primary?.name ?? user.gid}) groups=${sorted.map((group) => `${group.gid}(${group.name})`).join(',')}\n`,
    );
  return 0;
};

const groups: Program = async (process, args) => {
  const { accounts } = process.machine;
  const user = accounts.user(args[0] ?? String(process.uid));
  if (user === undefined) return process.fail(`'${args[0]}': no such user`);
  const names = accounts.groupsOf(user).map((group) => group.name);
  await process.out(`${args[0] === undefined ? '' : `${user.name} : `}${names.join(' ')}\n`);
  return 0;
};

const getent: Program = async (process, args) => {
  const [database = '', ...keys] = args.filter((arg) => !arg.startsWith('-'));
  const { files } = process;
  const path =
    database === 'passwd'
      ? '/etc/passwd'
      : database === 'group'
        ? '/etc/group'
        : database === 'shadow'
          ? '/etc/shadow'
          : undefined;
  if (path !== undefined) {
    const lines = linesOf(files.readIfThere(path) ?? '');
    if (keys.length === 0) {
      await process.out(lines.map((line) => `${line}\n`).join(''));
      return 0;
    }
    let code = 0;
    for (const key of keys) {
      const line = lines.find(
        (each) => each.split(':')[0] === key || (/^\d+$/.test(key) && each.split(':')[2] === key),
      );
      if (line === undefined) code = 2;
      else await process.out(`${line}\n`);
    }
    return code;
  }
  if (database === 'hosts' || database === 'ahosts' || database === 'ahostsv4') {
    for (const key of keys) {
      const line = linesOf(files.readIfThere('/etc/hosts') ?? '').find((each) =>
        each.split(/\s+/).slice(1).includes(key),
      );
      if (line === undefined) return 2;
      await process.out(`${line}\n`);
    }
  }
  return 0;
};

async function requireRoot(process: Process): Promise<boolean> {
  if (process.uid === 0) return true;
  await process.err(
    `${process.name}: Permission denied.\n${process.name}: cannot lock /etc/passwd; try again later.\n`,
  );
  return false;
}

const userOptions = [
  'c',
  'comment',
  'd',
  'home',
  'home-dir',
  'e',
  'f',
  'g',
  'gid',
  'G',
  'groups',
  'k',
  'K',
  'p',
  'password',
  's',
  'shell',
  'u',
  'uid',
  'ingroup',
  'gecos',
  'l',
  'login',
  'R',
];

const useradd: Program = async (process, args) => {
  if (!(await requireRoot(process))) return 1;
  const { flags, values, operands } = parseOptions(
    args,
    process.name === 'adduser'
      ? [...userOptions, 'disabled-login'].filter((name) => name !== 'disabled-login')
      : userOptions,
  );
  const { accounts } = process.machine;
  const [name = '', addTo] = operands;
  const system = flags.has('r') || flags.has('system');
  if (process.name === 'adduser' && addTo !== undefined) return addMember(process, name, addTo);
  if (accounts.user(name) !== undefined) {
    await process.err(`useradd: user '${name}' already exists\n`);
    return 9;
  }
  if (!/^[a-z_][a-z0-9_.-]*\$?$/i.test(name))
    return process.fail(`invalid user name '${name}': use --badname to ignore`, 3);
  const groupName = values.get('g') ?? values.get('gid') ?? values.get('ingroup');
  const group = groupName === undefined ? undefined : accounts.group(groupName);
  if (groupName !== undefined && group === undefined)
    return process.fail(`group '${groupName}' does not exist`, 6);
  const uid = values.get('u') ?? values.get('uid');
  const home = values.get('d') ?? values.get('home-dir') ?? values.get('home') ?? `/home/${name}`;
  const user = accounts.addUser(name, {
    home,
    system,
    gecos: values.get('c') ?? values.get('comment') ?? values.get('gecos') ?? '',
    shell: values.get('s') ?? values.get('shell') ?? (process.name === 'adduser' ? '/bin/bash' : '/bin/sh'),
    ...(group !== undefined && { gid: group.gid }),
    ...(flags.has('N') && group === undefined && { gid: 100 }),
    ...(uid !== undefined && { uid: Number(uid) }),
  });
  const password = values.get('p') ?? values.get('password');
  if (password !== undefined) accounts.setPassword(name, password);
  for (const extra of (values.get('G') ?? values.get('groups') ?? '')
    .split(',')
    .filter((each) => each !== '')) {
    if (accounts.group(extra) === undefined) return process.fail(`group '${extra}' does not exist`, 6);
    accounts.setMembers(extra, [...(accounts.group(extra)?.members ?? []), name]);
  }
  const makesHome =
    process.name === 'adduser'
      ? !flags.has('no-create-home') && !system
      : flags.has('m') || flags.has('create-home');
  if (makesHome) makeHome(process.machine, home, user.uid, user.gid);
  return 0;
};

async function addMember(process: Process, name: string, groupName: string): Promise<number> {
  const { accounts } = process.machine;
  const group = accounts.group(groupName);
  if (accounts.user(name) === undefined) return process.fail(`user '${name}' does not exist`, 1);
  if (group === undefined) return process.fail(`group '${groupName}' does not exist`, 1);
  if (!group.members.includes(name)) accounts.setMembers(group.name, [...group.members, name]);
  return 0;
}

const usermod: Program = async (process, args) => {
  if (!(await requireRoot(process))) return 1;
  const { flags, values, operands } = parseOptions(args, userOptions);
  const { accounts } = process.machine;
  const name = operands[0] ?? '';
  const user = accounts.user(name);
  if (user === undefined) return process.fail(`user '${name}' does not exist`, 6);
  const listed = (values.get('G') ?? values.get('groups') ?? '').split(',').filter((each) => each !== '');
  for (const extra of listed)
    if (accounts.group(extra) === undefined) return process.fail(`group '${extra}' does not exist`, 6);
  if (listed.length > 0) {
    if (!flags.has('a') && !flags.has('append')) {
      for (const group of accounts.groups())
        if (group.members.includes(name))
          accounts.setMembers(
            group.name,
            group.members.filter((member) => member !== name),
          );
    }
    for (const extra of listed) {
      const members = accounts.group(extra)?.members ?? [];
      if (!members.includes(name)) accounts.setMembers(extra, [...members, name]);
    }
  }
  const shell = values.get('s') ?? values.get('shell');
  const home = values.get('d') ?? values.get('home');
  const gecos = values.get('c') ?? values.get('comment');
  const group = values.get('g') ?? values.get('gid');
  accounts.changeUser(name, {
    ...(shell !== undefined && { shell }),
    ...(home !== undefined && { home }),
    ...(gecos !== undefined && { gecos }),
    ...(group !== undefined && { gid: accounts.group(group)?.gid ?? user.gid }),
  });
  const password = values.get('p') ?? values.get('password');
  if (password !== undefined) accounts.setPassword(name, password);
  if (flags.has('L') || flags.has('lock'))
    accounts.setPassword(name, `!${(accounts.password(name) ?? '').replace(/^!/, '')}`);
  if (flags.has('U') || flags.has('unlock'))
    accounts.setPassword(name, (accounts.password(name) ?? '').replace(/^!/, ''));
  return 0;
};

const userdel: Program = async (process, args) => {
  if (!(await requireRoot(process))) return 1;
  const { flags, operands } = parseOptions(args);
  const { accounts } = process.machine;
  const user = accounts.user(operands[0] ?? '');
  if (user === undefined) return process.fail(`user '${operands[0] ?? ''}' does not exist`, 6);
  accounts.remove('user', user.name);
  if (accounts.group(user.name)?.gid === user.gid) accounts.remove('group', user.name);
  for (const group of accounts.groups())
    if (group.members.includes(user.name))
      accounts.setMembers(
        group.name,
        group.members.filter((member) => member !== user.name),
      );
  if ((flags.has('r') || flags.has('remove') || flags.has('remove-home')) && process.files.exists(user.home))
    process.files.remove(user.home, true);
  return 0;
};

const groupadd: Program = async (process, args) => {
  if (!(await requireRoot(process))) return 10;
  const { flags, values, operands } = parseOptions(args, ['g', 'gid', 'K', 'p']);
  const { accounts } = process.machine;
  const name = operands[0] ?? '';
  if (accounts.group(name) !== undefined)
    return flags.has('f') || flags.has('force') ? 0 : process.fail(`group '${name}' already exists`, 9);
  const gid = values.get('g') ?? values.get('gid');
  accounts.addGroup(name, {
    system: flags.has('r') || flags.has('system'),
    ...(gid !== undefined && { gid: Number(gid) }),
  });
  return 0;
};

const groupdel: Program = async (process, args) => {
  const { accounts } = process.machine;
  const name = args.at(-1) ?? '';
  if (accounts.group(name) === undefined) return process.fail(`group '${name}' does not exist`, 6);
  accounts.remove('group', name);
  return 0;
};

const gpasswd: Program = async (process, args) => {
  const { values, operands } = parseOptions(args, ['a', 'd', 'M', 'add', 'delete']);
  const { accounts } = process.machine;
  const group = accounts.group(operands[0] ?? '');
  if (group === undefined)
    return process.fail(`group '${operands[0] ?? ''}' does not exist in /etc/group`, 3);
  const added = values.get('a') ?? values.get('add');
  const deleted = values.get('d') ?? values.get('delete');
  if (added !== undefined) accounts.setMembers(group.name, [...new Set([...group.members, added])]);
  if (deleted !== undefined)
    accounts.setMembers(
      group.name,
      group.members.filter((member) => member !== deleted),
    );
  return 0;
};

const chpasswd: Program = async (process, args) => {
  const { flags } = parseOptions(args, ['c']);
  const { accounts } = process.machine;
  for (const [index, line] of linesOf(await process.input()).entries()) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    if (accounts.user(name) === undefined) {
      await process.err(
        `chpasswd: (user ${name}) pam_chauthtok() failed, error:\nAuthentication token manipulation error\nchpasswd: (line ${index + 1}, user ${name}) password not changed\n`,
      );
      return 1;
    }
    const password = line.slice(colon + 1);
    accounts.setPassword(
      name,
      flags.has('e') || flags.has('encrypted') ? password : hashPassword(password, process.machine.random),
    );
  }
  return 0;
};

const passwd: Program = async (process, args) => {
  const { flags, operands } = parseOptions(args, ['n', 'x', 'w', 'i']);
  const { accounts } = process.machine;
  const name = operands[0] ?? accounts.user(String(process.uid))?.name ?? 'root';
  if (accounts.user(name) === undefined) return process.fail(`user '${name}' does not exist`);
  const hash = accounts.password(name) ?? '*';
  if (flags.has('S') || flags.has('status')) {
    await process.out(
      `${name} ${hash === '' ? 'NP' : /^[!*]/.test(hash) ? 'L' : 'P'} 2025-01-01 0 99999 7 -1\n`,
    );
  } else if (flags.has('l') || flags.has('lock')) accounts.setPassword(name, `!${hash.replace(/^!/, '')}`);
  else if (flags.has('u') || flags.has('unlock')) accounts.setPassword(name, hash.replace(/^!/, ''));
  else if (flags.has('d') || flags.has('delete')) accounts.setPassword(name, '');
  return 0;
};

/** Programs for users and groups. */
export const accountPrograms: Readonly<Record<string, Program>> = {
  id,
  groups,
  getent,
  useradd,
  adduser: useradd,
  usermod,
  userdel,
  deluser: userdel,
  groupadd,
  addgroup: groupadd,
  groupdel,
  groupmod: () => 0,
  gpasswd,
  chpasswd,
  passwd,
  chage: () => 0,
};
