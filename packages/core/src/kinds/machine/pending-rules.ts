import type { WireValue } from '../../observe/inventory.js';
import { readNetDevice } from './machine-net.js';

/** Keys that Proxmox VE applies to a running machine at once (qemu-server QemuServer.pm, fast plug). */
const always = new Set([
  'description',
  'hookscript',
  'lock',
  'migrate_downtime',
  'migrate_speed',
  'name',
  'onboot',
  'protection',
  'shares',
  'startup',
  'tags',
  'vmstatestorage',
  'ciuser',
  'cipassword',
  'citype',
  'ciupgrade',
  'cicustom',
  'nameserver',
  'searchdomain',
  'sshkeys',
  'cpulimit',
  'cpuunits',
]);

const hotplugDefault = ['network', 'disk', 'usb'];

function hotplugs(config: Readonly<Record<string, WireValue>>): ReadonlySet<string> {
  const value = config.hotplug;
  if (value === undefined || String(value) === '1') return new Set(hotplugDefault);
  if (String(value) === '0') return new Set();
  return new Set(String(value).split(/[,;\s]+/));
}

/**
 * When a change of one key takes effect on a running machine, by Proxmox VE's rules. A prediction: after applying, `/pending` says what waits.
 * `wanted` absent means that the key is removed.
 */
export function predictEffect(
  key: string,
  live: Readonly<Record<string, WireValue>>,
  wanted: WireValue | undefined,
): 'now' | 'next-cold-start' {
  if (always.has(key) || key.startsWith('ipconfig')) return 'now';
  const enabled = hotplugs(live);
  const current = live[key];
  if (/^net\d+$/.test(key)) {
    if (enabled.has('network')) return 'now';
    // Bridge, tag, rate and the like change in place; another model or MAC address needs unplugging.
    if (current === undefined || wanted === undefined) return 'next-cold-start';
    const from = readNetDevice(String(current));
    const to = readNetDevice(String(wanted));
    const queues = (rest: ReadonlyMap<string, string>) => `${rest.get('queues')} ${rest.get('mtu')}`;
    const inPlace =
      from.model === to.model &&
      from.mac?.toUpperCase() === to.mac?.toUpperCase() &&
      queues(from.rest) === queues(to.rest);
    return inPlace ? 'now' : 'next-cold-start';
  }
  if (/^(scsi|virtio)\d+$/.test(key)) return enabled.has('disk') ? 'now' : 'next-cold-start';
  if (/^(ide|sata)\d+$/.test(key)) {
    // The medium of a drive that is there is exchanged at once; a new drive waits.
    return String(current ?? '').includes('media=cdrom') && wanted !== undefined ? 'now' : 'next-cold-start';
  }
  if (key === 'memory')
    return enabled.has('memory') && String(live.numa ?? 0) === '1' ? 'now' : 'next-cold-start';
  if (key === 'vcpus') return enabled.has('cpu') ? 'now' : 'next-cold-start';
  if (key === 'balloon')
    return current !== undefined && String(current) !== '0' && wanted !== undefined && String(wanted) !== '0'
      ? 'now'
      : 'next-cold-start';
  return 'next-cold-start';
}
