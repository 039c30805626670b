import type { FileTree } from '../files/file-tree.js';

/** A line of /etc/passwd. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly gecos: string;
  readonly home: string;
  readonly shell: string;
}

/** A line of /etc/group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** The users and groups of a guest: /etc/passwd, /etc/shadow and /etc/group of its file tree. */
export class Accounts {
  constructor(private readonly files: FileTree) {}

  users(): User[] {
    return lines(this.files.readIfThere('/etc/passwd')).map(
      ([name = '', , uid = '', gid = '', gecos = '', home = '', shell = '']) => ({
        name,
        uid: Number(uid),
        gid: Number(gid),
        gecos,
        home,
        shell,
      }),
    );
  }

  groups(): Group[] {
    return lines(this.files.readIfThere('/etc/group')).map(([name = '', , gid = '', members = '']) => ({
      name,
      gid: Number(gid),
      members: members.split(',').filter((member) => member !== ''),
    }));
  }

  /** By name, or by number as text. */
  user(name: string): User | undefined {
    return (
      this.users().find((user) => user.name === name) ??
      this.users().find((user) => String(user.uid) === name)
    );
  }

  group(name: string): Group | undefined {
    return (
      this.groups().find((group) => group.name === name) ??
      this.groups().find((group) => String(group.gid) === name)
    );
  }

  groupsOf(user: User): Group[] {
    return this.groups().filter((group) => group.gid === user.gid || group.members.includes(user.name));
  }

  #free(taken: ReadonlySet<number>, system: boolean): number {
    let id = system ? 999 : 1000;
    while (taken.has(id)) id += system ? -1 : 1;
    return id;
  }

  addGroup(name: string, options: { gid?: number; system?: boolean } = {}): Group {
    const taken = new Set(this.groups().map((group) => group.gid));
    const gid = options.gid ?? this.#free(taken, options.system === true);
    this.#append('/etc/group', `${name}:x:${gid}:`);
    return { name, gid, members: [] };
  }

  addUser(
    name: string,
    options: {
      uid?: number;
      gid?: number;
      gecos?: string;
      home?: string;
      shell?: string;
      system?: boolean;
    } = {},
  ): User {
    const taken = new Set(this.users().map((user) => user.uid));
    const uid = options.uid ?? this.#free(taken, options.system === true);
    const gid =
      options.gid ?? (this.group(name) ?? this.addGroup(name, { system: options.system === true })).gid;
    const user = {
      name,
      uid,
      gid,
      gecos: options.gecos ?? '',
      home: options.home ?? `/home/${name}`,
      shell: options.shell ?? '/bin/sh',
    };
    this.#append('/etc/passwd', `${name}:x:${uid}:${gid}:${user.gecos}:${user.home}:${user.shell}`);
    this.#append('/etc/shadow', `${name}:!:20000:0:99999:7:::`);
    return user;
  }

  /** Replaces fields of a user's passwd line. */
  changeUser(name: string, changes: Partial<Omit<User, 'name'>>): void {
    this.#rewrite('/etc/passwd', name, (fields) => {
      const [user, password = 'x', uid = '', gid = '', gecos = '', home = '', shell = ''] = fields;
      return [
        user ?? name,
        password,
        String(changes.uid ?? uid),
        String(changes.gid ?? gid),
        changes.gecos ?? gecos,
        changes.home ?? home,
        changes.shell ?? shell,
      ];
    });
  }

  setPassword(name: string, hash: string): void {
    this.#rewrite('/etc/shadow', name, ([user = name, , ...rest]) => [user, hash, ...rest]);
  }

  password(name: string): string | undefined {
    return lines(this.files.readIfThere('/etc/shadow')).find(([user]) => user === name)?.[1];
  }

  setMembers(group: string, members: readonly string[]): void {
    this.#rewrite('/etc/group', group, ([name = group, password = 'x', gid = '']) => [
      name,
      password,
      gid,
      members.join(','),
    ]);
  }

  remove(kind: 'user' | 'group', name: string): void {
    for (const path of kind === 'user' ? ['/etc/passwd', '/etc/shadow'] : ['/etc/group']) {
      const kept = (this.files.readIfThere(path) ?? '')
        .split('\n')
        .filter((line) => !line.startsWith(`${name}:`));
      this.files.write(path, kept.join('\n'));
    }
  }

  #append(path: string, line: string): void {
    this.files.write(path, `${line}\n`, { append: true });
  }

  #rewrite(path: string, name: string, change: (fields: string[]) => string[]): void {
    const text = this.files.readIfThere(path) ?? '';
    this.files.write(
      path,
      text
        .split('\n')
        .map((line) => (line.startsWith(`${name}:`) ? change(line.split(':')).join(':') : line))
        .join('\n'),
    );
  }
}

function lines(text: string | undefined): string[][] {
  return (text ?? '')
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));
}
