import type { DiskFile } from '../../guests/guest-runtime.js';
import type { Lab } from '../../lab.js';
import { isVolid } from '../qemu/disks/volume-access.js';

/** What a new container's root file system is filled with. */
export interface RootFileSystem {
  readonly lab: Lab;
  readonly node: string;
  /** The volume id of the template, or (root only) its path. */
  readonly template: string;
  readonly rootfs: DiskFile;
  readonly unprivileged: boolean;
  readonly hostname: string | undefined;
  readonly timezone: string | undefined;
  /** As declared; the system's own is taken where it differs. */
  readonly ostype: string | undefined;
  readonly arch: string | undefined;
  readonly password: string | undefined;
  readonly sshKeys: string | undefined;
  readonly log: (line: string) => void;
}

const sshKeyTypes = ['ecdsa', 'ed25519', 'rsa'] as const;
const compressors: Readonly<Record<string, string>> = { tgz: '-z', tbz2: '-j', txz: '-J', tzst: '--zstd' };

/**
 * Unpacks the template and sets the new system up, with the lines that PVE's task prints (LXC/Create.pm, LXC/Setup).
 * @returns What was found out: `ostype` and `arch`.
 */
export async function fillRootFileSystem(wanted: RootFileSystem): Promise<{ ostype: string; arch: string }> {
  const { lab, node, template, log } = wanted;
  const archive = await readTemplate(wanted);
  const path = isVolid(template) ? lab.storages.path(node, template) : template;
  log(`extracting archive '${path}'`);
  let system: Awaited<ReturnType<typeof lab.containers.extract>>;
  try {
    system = await lab.containers.extract(archive, path, wanted.rootfs);
  } catch {
    log('tar: Error is not recoverable: exiting now');
    throw new Error(`command '${tarCommand(wanted)}' failed: exit code 2`);
  }
  const mib = (system.extractedBytes / 2 ** 20).toFixed(1);
  log(`Total bytes read: ${system.extractedBytes} (${mib}MiB, 98MiB/s)`);
  if (wanted.ostype !== undefined && wanted.ostype !== system.ostype && wanted.ostype !== 'unmanaged') {
    log(`got unexpected ostype (${system.ostype} != ${wanted.ostype})`);
  }
  if (wanted.arch === undefined) log(`Detected container architecture: ${system.arch}`);
  await setUp(wanted, system.hasZoneinfo, system.hasSshDirectory);
  return {
    ostype: wanted.ostype === 'unmanaged' ? 'unmanaged' : system.ostype,
    arch: wanted.arch ?? system.arch,
  };
}

async function readTemplate({ lab, node, template, log }: RootFileSystem): Promise<Uint8Array> {
  if (!isVolid(template)) return lab.files.read(node, template);
  if (lab.storages.volume(node, template) === undefined) {
    const text = `volume '${template}' does not exist`;
    if (lab.release !== '8.4') log(text);
    throw new Error(text);
  }
  return lab.storages.readFile(node, template);
}

async function setUp(
  wanted: RootFileSystem,
  hasZoneinfo: (zone: string) => boolean,
  hasSshDirectory: boolean,
): Promise<void> {
  const { lab, log, timezone, hostname } = wanted;
  if (timezone !== undefined && timezone !== 'host' && !hasZoneinfo(timezone)) {
    log(`container does not have /usr/share/zoneinfo/${timezone}, timezone can not be modified`);
  }
  if (hasSshDirectory) {
    const host = hostname?.split('.')[0] ?? 'localhost';
    for (const type of sshKeyTypes) {
      log(`Creating SSH host key 'ssh_host_${type}_key' - this may take some time ...`);
      const print = Buffer.from(Array.from({ length: 32 }, () => Math.floor(lab.random() * 256)));
      log(`done: SHA256:${print.toString('base64').replace(/=+$/, '')} root@${host}`);
    }
  }
  await lab.containers.setUp(wanted.rootfs, {
    hostname: hostname ?? 'localhost',
    ...(wanted.password !== undefined && { password: wanted.password }),
    ...(wanted.sshKeys !== undefined && { sshKeys: wanted.sshKeys }),
  });
}

function tarCommand({ lab, node, template, rootfs, unprivileged }: RootFileSystem): string {
  const format = isVolid(template) ? lab.storages.volume(node, template)?.format : undefined;
  const compressor = format === undefined ? undefined : compressors[format];
  const vmid = /\/(\d+)\/[^/]+$/.exec(rootfs.path)?.[1] ?? '';
  const idmap = unprivileged ? 'lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 -- ' : '';
  const options = [
    ...(compressor === undefined ? [] : [compressor]),
    '--totals --one-file-system -p --sparse --numeric-owner --acls --xattrs',
    "'--xattrs-include=user.*' '--xattrs-include=security.capability' '--warning=no-file-ignored' '--warning=no-xattr-write'",
    `-C /var/lib/lxc/${vmid}/rootfs --skip-old-files --anchored --exclude './dev/*'`,
  ];
  return `${idmap}tar xpf - ${options.join(' ')}`;
}
