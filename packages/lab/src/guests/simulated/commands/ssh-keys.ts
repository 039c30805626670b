import { createHash } from 'node:crypto';
import type { FileTree } from '../files/file-tree.js';
import type { Program } from '../system/process.js';
import { parseOptions } from './options.js';

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const names: Readonly<Record<string, { name: string; bytes: number }>> = {
  rsa: { name: 'ssh-rsa', bytes: 385 },
  ecdsa: { name: 'ecdsa-sha2-nistp256', bytes: 65 },
  ed25519: { name: 'ssh-ed25519', bytes: 32 },
};

/** Writes a key pair of that type: a public key of the right form with drawn content, and a private one that no program can use. */
export function generateHostKey(
  files: FileTree,
  path: string,
  type: string,
  random: () => number,
  comment: string,
): void {
  const { name, bytes } = names[type] ?? { name: 'ssh-ed25519', bytes: 32 };
  const drawn = Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)));
  const parts = [field(Buffer.from(name))];
  if (type === 'rsa') parts.push(field(Buffer.from([1, 0, 1])));
  if (type === 'ecdsa') parts.push(field(Buffer.from('nistp256')));
  parts.push(field(drawn));
  const secret = Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256))).toString('base64');
  files.write(path, `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----\n`, {
    mode: 0o600,
  });
  files.write(`${path}.pub`, `${name} ${Buffer.concat(parts).toString('base64')} root@${comment}\n`, {
    mode: 0o644,
  });
}

/** The program `ssh-keygen`: -A, -t TYPE -f FILE, -l -f FILE, -y. */
export const sshKeygen: Program = async (process, args) => {
  const { flags, values } = parseOptions(args, ['t', 'f', 'N', 'C', 'b', 'E', 'R', 'P']);
  const { files, machine } = process;
  if (flags.has('A')) {
    for (const type of ['rsa', 'ecdsa', 'ed25519']) {
      const path = `/etc/ssh/ssh_host_${type}_key`;
      if (!files.exists(path)) generateHostKey(files, path, type, machine.random, machine.hostname());
    }
    return 0;
  }
  const path = process.path(values.get('f') ?? `${process.env.get('HOME') ?? '/root'}/.ssh/id_ed25519`);
  if (flags.has('l')) {
    const text = files.readIfThere(path.endsWith('.pub') ? path : `${path}.pub`) ?? files.readIfThere(path);
    if (text === undefined) return process.fail(`${values.get('f')}: No such file or directory`, 255);
    let code = 255;
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const [kind = '', blob = '', comment = 'no comment'] = line.split(' ');
      if (!/^(ssh|ecdsa|sk)-/.test(kind)) continue;
      code = 0;
      const hash = createHash('sha256')
        .update(Buffer.from(blob, 'base64'))
        .digest('base64')
        .replace(/=+$/, '');
      await process.out(`256 SHA256:${hash} ${comment} (${kind.replace(/^ssh-/, '').toUpperCase()})\n`);
    }
    if (code !== 0) await process.err(`${values.get('f')} is not a public key file.\n`);
    return code;
  }
  if (flags.has('R') || flags.has('y')) return 0;
  files.makeDirectory(path.replace(/\/[^/]*$/, ''), { parents: true, mode: 0o700 });
  generateHostKey(files, path, values.get('t') ?? 'ed25519', machine.random, machine.hostname());
  await process.out(
    `Your identification has been saved in ${path}\nYour public key has been saved in ${path}.pub\n`,
  );
  return 0;
};
