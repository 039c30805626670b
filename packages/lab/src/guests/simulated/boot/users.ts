import { createHash } from 'node:crypto';
import type { Machine } from '../system/machine.js';
import { asList, asRecord, asText } from './cloud-config.js';

/** A password's hash in crypt's form. Nothing logs in by it, so its rounds are one. */
export function hashPassword(password: string, random: () => number): string {
  if (/^\$[0-9a-z]+\$/.test(password)) return password;
  const salt = Array.from(
    { length: 8 },
    () => 'abcdefghijklmnopqrstuvwxyz0123456789'[Math.floor(random() * 36)],
  ).join('');
  return `$6$${salt}$${createHash('sha512').update(`${salt}${password}`, 'latin1').digest('base64').replace(/[+=]/g, '.').slice(0, 86)}`;
}

/** Makes the users, groups, keys and passwords that a cloud-config names. */
export function addUsers(
  machine: Machine,
  config: Readonly<Record<string, unknown>>,
  defaultUser: string,
): void {
  for (const item of asList(config.groups)) {
    const entries =
      typeof item === 'string'
        ? item.split(',').map((name) => [name.trim(), []] as const)
        : Object.entries(asRecord(item));
    for (const [name, members] of entries) {
      if (machine.accounts.group(name) === undefined) machine.accounts.addGroup(name);
      const users = asList(members).map(String);
      if (users.length > 0) machine.accounts.setMembers(name, users);
    }
  }
  const wanted = config.users === undefined ? ['default'] : asList(config.users);
  const replaced = asRecord(config.user);
  const defaults: Record<string, unknown> = {
    name:
      asText(config.user) !== undefined && typeof config.user === 'string'
        ? config.user
        : (asText(replaced.name) ?? defaultUser),
    gecos: defaultUser.slice(0, 1).toUpperCase() + defaultUser.slice(1),
    groups: ['adm', 'cdrom', 'dip', 'lxd', 'sudo'],
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    shell: '/bin/bash',
    lock_passwd: config.password === undefined,
    ...replaced,
    ssh_authorized_keys: [...asList(replaced.ssh_authorized_keys), ...asList(config.ssh_authorized_keys)],
    ...(config.password !== undefined && { plain_text_passwd: config.password }),
  };
  for (const item of wanted) {
    if (item === 'default') addUser(machine, defaults);
    else if (typeof item === 'string') addUser(machine, { name: item });
    else addUser(machine, asRecord(item));
  }
  const passwords = asRecord(config.chpasswd);
  for (const entry of asList(passwords.users)) {
    const { name, password } = asRecord(entry);
    if (name !== undefined && password !== undefined)
      machine.accounts.setPassword(String(name), hashPassword(String(password), machine.random));
  }
  const list =
    typeof passwords.list === 'string' ? passwords.list.split('\n') : asList(passwords.list).map(String);
  for (const line of list) {
    const colon = line.indexOf(':');
    if (colon > 0)
      machine.accounts.setPassword(line.slice(0, colon), hashPassword(line.slice(colon + 1), machine.random));
  }
}

function addUser(machine: Machine, options: Record<string, unknown>): void {
  const name = asText(options.name);
  if (name === undefined) return;
  const { accounts, files } = machine;
  const shell = asText(options.shell) ?? '/bin/bash';
  const home = asText(options.homedir) ?? (name === 'root' ? '/root' : `/home/${name}`);
  const system = options.system === true;
  const existing = accounts.user(name);
  const uid = options.uid === undefined ? undefined : Number(options.uid);
  const user =
    existing ??
    accounts.addUser(name, {
      gecos: asText(options.gecos) ?? '',
      home,
      shell,
      system,
      ...(uid !== undefined && { uid }),
    });
  const groups =
    typeof options.groups === 'string'
      ? options.groups.split(',').map((group) => group.trim())
      : asList(options.groups).map(String);
  for (const group of [...groups, ...asList(options.primary_group).map(String)]) {
    const found = accounts.group(group) ?? accounts.addGroup(group);
    if (!found.members.includes(name)) accounts.setMembers(group, [...found.members, name]);
  }
  if (existing === undefined && options.no_create_home !== true && !system)
    makeHome(machine, home, user.uid, user.gid);
  const hashed = asText(options.hashed_passwd ?? options.passwd);
  const plain = asText(options.plain_text_passwd);
  if (hashed !== undefined) accounts.setPassword(name, hashed);
  else if (plain !== undefined) accounts.setPassword(name, hashPassword(plain, machine.random));
  const sudo =
    options.sudo === false || options.sudo === undefined || options.sudo === null
      ? []
      : asList(options.sudo).map(String);
  if (sudo.length > 0) {
    const path = '/etc/sudoers.d/90-cloud-init-users';
    const before = files.readIfThere(path) ?? '# Created by cloud-init\n';
    files.write(
      path,
      `${before}\n# User rules for ${name}\n${sudo.map((rule) => `${name} ${rule}`).join('\n')}\n`,
      { mode: 0o440 },
    );
  }
  const keys = [...asList(options.ssh_authorized_keys), ...asList(options['ssh-authorized-keys'])].map(
    String,
  );
  if (keys.length > 0) authorizeKeys(machine, user.home, user.uid, user.gid, keys);
}

/** Makes a home directory from /etc/skel. */
export function makeHome(machine: Machine, home: string, uid: number, gid: number): void {
  const { files } = machine;
  files.makeDirectory(home, { parents: true });
  files.change(home, { uid, gid, mode: 0o750 });
  if (!files.isDirectory('/etc/skel')) return;
  for (const name of files.list('/etc/skel'))
    files.write(`${home}/${name}`, files.readIfThere(`/etc/skel/${name}`) ?? '', { uid, gid });
}

/** Adds keys to a user's authorized_keys, each once. */
export function authorizeKeys(
  machine: Machine,
  home: string,
  uid: number,
  gid: number,
  keys: readonly string[],
): void {
  const { files } = machine;
  files.makeDirectory(`${home}/.ssh`, { parents: true });
  files.change(`${home}/.ssh`, { mode: 0o700, uid, gid });
  const path = `${home}/.ssh/authorized_keys`;
  const lines = (files.readIfThere(path) ?? '').split('\n').filter((line) => line !== '');
  for (const key of keys.map((line) => line.trim())) if (!lines.includes(key)) lines.push(key);
  files.write(path, `${lines.join('\n')}\n`, { mode: 0o600, uid, gid });
}
