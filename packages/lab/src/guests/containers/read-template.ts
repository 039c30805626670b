import { gunzipSync } from 'node:zlib';
import { readTar, type TarEntry } from './read-tar.js';

/** A container template's contents, and what they say about the system in them. */
export interface TemplateContents {
  readonly entries: readonly TarEntry[];
  readonly ostype: string;
  readonly arch: string;
  /** The simulated system that stands for it, such as `debian 12`; `minimal` for one without a package manager. */
  readonly image: string;
  /** Of the archive, without compression. */
  readonly extractedBytes: number;
}

/** PVE's `ostype` by the ID of os-release (LXC/Setup.pm); Debian is told by its version file, too. */
const systems: Readonly<Record<string, string>> = {
  alpine: 'alpine',
  arch: 'archlinux',
  centos: 'centos',
  rocky: 'centos',
  almalinux: 'centos',
  debian: 'debian',
  devuan: 'devuan',
  fedora: 'fedora',
  gentoo: 'gentoo',
  nixos: 'nixos',
  opensuse: 'opensuse',
  ubuntu: 'ubuntu',
};

/** `e_machine` of an ELF header → PVE's `arch`. */
const machines: Readonly<Record<number, string>> = {
  3: 'i386',
  40: 'armhf',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
};

/**
 * Reads a template's archive: `.tar` or `.tar.gz`.
 * For `.tar.xz` and `.tar.zst`, which Node 20 cannot unpack, the system is taken from the file's name, as PVE's index names them
 * (`debian-12-standard_12.7-1_amd64.tar.zst`), and its files are the simulated system's own.
 * @throws Error when the bytes are no such archive.
 */
export function readTemplate(archive: Uint8Array, name: string): TemplateContents {
  if (isXz(archive) || isZstd(archive)) return fromName(archive, name);
  const tar = archive[0] === 0x1f && archive[1] === 0x8b ? gunzipSync(archive) : archive;
  const entries = [...readTar(tar)];
  if (entries.length === 0) throw new Error('This does not look like a tar archive');
  return {
    entries,
    ostype: detectSystem(entries),
    arch: detectArchitecture(entries),
    image: detectImage(entries),
    extractedBytes: tar.length,
  };
}

function fromName(archive: Uint8Array, path: string): TemplateContents {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const system = /^([a-z]+)/.exec(name)?.[1] ?? '';
  const arch = /_(amd64|i386|arm64|armhf|riscv64)\./.exec(name)?.[1] ?? 'amd64';
  const version = /^[a-z]+-(\d+(?:\.\d+)?)/.exec(name)?.[1];
  const image = version === undefined ? 'minimal' : `${system} ${version}`;
  return {
    entries: [],
    ostype: systems[system] ?? 'unmanaged',
    arch,
    image,
    extractedBytes: archive.length * 4,
  };
}

function osRelease(entries: readonly TarEntry[]): string {
  const release = entries.find(
    (entry) => entry.path === 'etc/os-release' || entry.path === 'usr/lib/os-release',
  );
  return release === undefined ? '' : Buffer.from(release.content).toString('utf8');
}

function detectImage(entries: readonly TarEntry[]): string {
  const packaged = entries.some((entry) => /^(usr\/)?bin\/(apt-get|dnf)$/.test(entry.path));
  const id = /^ID="?([^"\n]+)"?$/m.exec(osRelease(entries))?.[1];
  const version = /^VERSION_ID="?([^"\n]+)"?$/m.exec(osRelease(entries))?.[1];
  return packaged && id !== undefined && version !== undefined ? `${id} ${version}` : 'minimal';
}

function detectSystem(entries: readonly TarEntry[]): string {
  const id = /^ID="?([^"\n]+)"?$/m.exec(osRelease(entries))?.[1];
  if (id !== undefined && systems[id] !== undefined) return systems[id];
  return entries.some((entry) => entry.path === 'etc/debian_version') ? 'debian' : 'unmanaged';
}

function detectArchitecture(entries: readonly TarEntry[]): string {
  for (const entry of entries) {
    if (entry.kind !== 'file' || entry.content.length < 20) continue;
    const bytes = Buffer.from(entry.content.buffer, entry.content.byteOffset, 20);
    if (bytes.readUInt32BE(0) === 0x7f454c46) return machines[bytes.readUInt16LE(18)] ?? 'amd64';
  }
  return 'amd64';
}

const isXz = (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(0, 6)).equals(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]));
const isZstd = (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(0, 4)).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
