import type { RequestContext } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { JsonObject, JsonValue } from '../../state/json.js';
import type { GuestRecord } from '../../state/lab-state.js';
import { parseSize } from '../qemu/config/disk-size.js';
import { parseContainerNic } from './config/container-nic.js';
import { parseMountPoint } from './config/mount-point.js';
import { containerOf, isRunning, isTemplate } from './container-access.js';

const mib = 2 ** 20;
/** What PVE shows of a root file system without a size: that of a directory, or one that is still to be made. */
const unknownSizeBytes = 4 * 1024 * mib;
/** What ext4 keeps for itself of a file system, measured on one of 128 MiB. */
const usableShare = 120_015_872 / 134_217_728;

/** One container as lists and `status/current` show it (LXC.pm, vmstatus). */
export function containerStatus(lab: Lab, guest: GuestRecord): JsonObject {
  const { main } = guest.config;
  const process = lab.containers.process(guest.vmid);
  // Until its creation has ended a container has no root file system yet.
  const root = main.rootfs === undefined ? undefined : parseMountPoint(main.rootfs);
  const sizeBytes = parseSize(root?.options.size ?? '0') || unknownSizeBytes;
  const volume = root === undefined ? undefined : lab.storages.volume(guest.node, root.volume);
  const fileSystemBytes = volume?.fileSystemBytes ?? sizeBytes;
  return {
    vmid: guest.vmid,
    name: main.hostname ?? `CT${guest.vmid}`,
    type: 'lxc',
    status: process === undefined ? 'stopped' : 'running',
    cpus: Number(main.cores ?? main.cpulimit ?? 0) || (lab.state.nodes[guest.node]?.cpus ?? 1),
    cpu: 0,
    mem: 0,
    maxmem: Number(main.memory ?? 512) * mib,
    swap: 0,
    maxswap: Number(main.swap ?? 0) * mib,
    disk: 0,
    maxdisk: process === undefined ? sizeBytes : Math.floor(fileSystemBytes * usableShare),
    diskread: 0,
    diskwrite: 0,
    netin: 0,
    netout: 0,
    uptime: 0,
    ...(main.tags !== undefined && main.tags !== '' && { tags: main.tags }),
    ...(main.lock !== undefined && { lock: main.lock }),
    ...(isTemplate(guest.config) && { template: 1 }),
    ...(process !== undefined && {
      pid: process.pid,
      uptime: Math.max(1, Math.floor((lab.clock.now() - process.startedAtMs) / 1000)),
      ...process.readings,
    }),
  };
}

/** GET /nodes/{node}/lxc: the containers that the caller may see. */
export function listContainers(ctx: RequestContext): JsonValue {
  const { lab, node, caller } = ctx;
  return Object.values(lab.state.guests)
    .filter((guest) => guest.kind === 'lxc' && guest.node === node)
    .filter((guest) => lab.access.has(caller, `/vms/${guest.vmid}`, ['VM.Audit']))
    .map((guest) => ({ ...containerStatus(lab, guest), ...(lab.release !== '8.4' && { memhost: 0 }) }));
}

/** GET …/status/current. */
export function currentStatus(ctx: RequestContext): JsonValue {
  return { ...containerStatus(ctx.lab, containerOf(ctx)), ha: { managed: 0 } };
}

/** GET …/status: what there is below it. */
export function statusIndex(ctx: RequestContext): JsonValue {
  containerOf(ctx);
  return ['current', 'start', 'stop', 'shutdown', 'reboot', 'migrate'].map((subdir) => ({ subdir }));
}

/** GET …/lxc/{vmid}: what there is below it. */
export function containerIndex(ctx: RequestContext): JsonValue {
  containerOf(ctx);
  const names = [
    'config',
    'status',
    'vncproxy',
    'termproxy',
    'vncwebsocket',
    'spiceproxy',
    'migrate',
    'clone',
    'initlog',
    'rrd',
    'rrddata',
  ];
  return [...names, 'firewall', 'snapshot', 'resize', 'interfaces'].map((subdir) => ({ subdir }));
}

/** GET …/feature: whether all volumes can do it. */
export function hasFeature(ctx: RequestContext): JsonValue {
  const { lab, node, params } = ctx;
  const guest = containerOf(ctx);
  const feature = params.require('feature') as 'clone' | 'copy' | 'snapshot';
  const snapshot = params.get('snapname');
  const options = { running: isRunning(lab, guest.vmid), ...(snapshot !== undefined && { snapshot }) };
  const { rootfs } = guest.config.main;
  if (rootfs === undefined) return { hasFeature: 1 };
  const { volume } = parseMountPoint(rootfs);
  const onFiles = lab.storages.entry(lab.storages.parse(volume).storage).path !== undefined;
  const possible = !(feature === 'clone' && onFiles) && lab.storages.has(node, volume, feature, options);
  return { hasFeature: possible ? 1 : 0 };
}

/** GET …/interfaces: the addresses of a running container, null of a stopped one. */
export function listInterfaces(ctx: RequestContext): JsonValue {
  const guest = containerOf(ctx);
  const process = ctx.lab.containers.process(guest.vmid);
  if (process === undefined) return null;
  const rows = [interfaceRow('lo', '00:00:00:00:00:00', '127.0.0.1/8', '::1/128')];
  for (const [key, value] of Object.entries(process.definition.config)) {
    if (!/^net\d+$/.test(key)) continue;
    const nic = parseContainerNic(value);
    const mac = (nic.hwaddr ?? '').toLowerCase();
    const inet = nic.ip === undefined || !nic.ip.includes('/') ? undefined : nic.ip;
    rows.push(interfaceRow(nic.name ?? key, mac, inet, `${linkLocal(mac)}/64`));
  }
  return rows;
}

function interfaceRow(name: string, mac: string, inet: string | undefined, inet6: string): JsonObject {
  const addresses = [
    ...(inet === undefined ? [] : [{ kind: 'inet', cidr: inet }]),
    { kind: 'inet6', cidr: inet6 },
  ].map(({ kind, cidr }) => {
    const [address = '', prefix = ''] = cidr.split('/');
    return { 'ip-address': address, 'ip-address-type': kind, prefix };
  });
  return {
    name,
    hwaddr: mac,
    'hardware-address': mac,
    ...(inet !== undefined && { inet }),
    inet6,
    'ip-addresses': addresses,
  };
}

/** The link-local address that a MAC leads to (EUI-64). */
function linkLocal(mac: string): string {
  const octets = mac.split(':').map((octet) => Number.parseInt(octet, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = octets;
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}`;
}
