/** How PVE types a container's values when it reads the file (LXC/Config.pm, confdesc): everything else is a string. */
const integerKeys = new Set(['cores', 'cpuunits', 'memory', 'snaptime', 'swap', 'tty']);
const booleanKeys = new Set(['console', 'debug', 'onboot', 'protection', 'template', 'unprivileged']);

/** The JSON value of a stored one: integers and booleans are numbers, all else is text; a description ends in a newline. */
export function containerValue(key: string, stored: string): string | number {
  if (integerKeys.has(key)) return Number.parseInt(stored, 10);
  if (booleanKeys.has(key)) return /^(1|on|yes|true)$/i.test(stored) ? 1 : 0;
  return key === 'description' && !stored.endsWith('\n') ? `${stored}\n` : stored;
}

const indexedKeys = /^(net(\d|[12]\d|3[01])|(mp|unused|dev)(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5]))$/;
const plainKeys = new Set([
  'arch',
  'cmode',
  'console',
  'cores',
  'cpulimit',
  'cpuunits',
  'debug',
  'description',
  'entrypoint',
  'env',
  'features',
  'hookscript',
  'hostname',
  'lock',
  'memory',
  'nameserver',
  'onboot',
  'ostype',
  'protection',
  'rootfs',
  'searchdomain',
  'startup',
  'swap',
  'tags',
  'template',
  'timezone',
  'tty',
  'unprivileged',
]);

/** Is it a key of a container's configuration? */
export function isContainerKey(key: string): boolean {
  return plainKeys.has(key) || indexedKeys.test(key);
}

/** Is it a volume key, `rootfs` or `mpN`? */
export function isVolumeKey(key: string): boolean {
  return key === 'rootfs' || /^mp\d+$/.test(key);
}

/** The volume keys among these, `rootfs` first, then by number. */
export function volumeKeysOf(values: Readonly<Record<string, string>>): string[] {
  const order = (key: string) => (key === 'rootfs' ? -1 : Number(key.slice(2)));
  return Object.keys(values)
    .filter(isVolumeKey)
    .sort((a, b) => order(a) - order(b));
}

/** Keys that a running container takes up at once, by a mere write of the file. */
const fastKeys = new Set([
  'cores',
  'description',
  'hookscript',
  'hostname',
  'lock',
  'onboot',
  'protection',
  'startup',
  'tags',
]);

/** Keys that a running container takes up at once, by a change of its control groups. */
const liveKeys = new Set(['cpulimit', 'cpuunits', 'memory', 'swap']);

/** What becomes of a change of this key while the container runs. Volumes: only a new one is mounted at once. */
export function changeKind(key: string): 'fast' | 'live' | 'net' | 'volume' | 'pending' {
  if (fastKeys.has(key)) return 'fast';
  if (liveKeys.has(key)) return 'live';
  if (/^net\d+$/.test(key)) return 'net';
  return /^mp\d+$/.test(key) ? 'volume' : 'pending';
}

/** What happens when this key is deleted while the container runs; `memory` and the like have been refused before. */
export function deletionKind(key: string): 'at-once' | 'pending' {
  if (fastKeys.has(key) || /^(unused|net)\d+$/.test(key)) return 'at-once';
  return key === 'swap' || key === 'cpulimit' || key === 'cpuunits' ? 'at-once' : 'pending';
}

/** The privilege that changing a key needs (LXC.pm, check_ct_modify_config_perm). */
export function privilegeOf(key: string): string {
  if (key === 'cores' || key === 'cpuunits' || key === 'cpulimit') return 'VM.Config.CPU';
  if (key === 'memory' || key === 'swap') return 'VM.Config.Memory';
  if (isVolumeKey(key)) return 'VM.Config.Disk';
  if (/^net\d+$/.test(key) || key === 'nameserver' || key === 'searchdomain' || key === 'hostname')
    return 'VM.Config.Network';
  return 'VM.Config.Options';
}
