import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';
import type { GuestRecord } from '../../state/lab-state.js';
import { agentEnabled } from './agent/agent-options.js';
import { bootDrives } from './config/boot-order.js';
import { parseSize } from './config/disk-size.js';
import { isCdrom, parseDrive } from './config/drive.js';
import { parseProperties } from './config/property-string.js';

const mib = 2 ** 20;

/** The size of the first disk that the guest boots from, as its configuration says. */
function diskBytes(guest: GuestRecord): number {
  const { main } = guest.config;
  for (const key of bootDrives(main)) {
    const drive = main[key] === undefined ? undefined : parseDrive(key, main[key]);
    if (drive !== undefined && !isCdrom(drive)) return parseSize(drive.options.size ?? '0') ?? 0;
  }
  return 0;
}

/** What QemuServer.pm's vmstatus says about a guest: configuration, and readings of its process while it runs. */
export function guestStatus(lab: Lab, guest: GuestRecord, full: boolean): JsonObject {
  const { main } = guest.config;
  const process = lab.runtime.process(guest.vmid);
  const hostCpus = lab.state.nodes[guest.node]?.cpus ?? 1;
  const cpus = Number(main.sockets ?? 1) * Number(main.cores ?? 1);
  const status: JsonObject = {
    vmid: guest.vmid,
    name: main.name ?? `VM ${guest.vmid}`,
    status: process === undefined ? 'stopped' : 'running',
    cpus: main.vcpus === undefined ? Math.min(cpus, hostCpus) : Number(main.vcpus),
    maxmem: Number(parseProperties(main.memory ?? '512', 'current').current ?? 512) * mib,
    maxdisk: diskBytes(guest),
    cpu: 0,
    mem: 0,
    disk: 0,
    netin: 0,
    netout: 0,
    uptime: 0,
  };
  if (lab.release === '9.2') status.memhost = 0;
  if (main.template === '1') status.template = 1;
  if (main.lock !== undefined) status.lock = main.lock;
  if (main.tags !== undefined) status.tags = main.tags;
  if (main.balloon !== undefined && main.balloon !== '0') {
    status.balloon_min = Number(main.balloon) * mib;
    status.shares = Number(main.shares ?? 1000);
  }
  if (Object.keys(main).some((key) => /^serial\d+$/.test(key))) status.serial = 1;
  if (full) status.qmpstatus = process?.qmpStatus ?? 'stopped';
  if (process === undefined) return status;
  status.pid = process.pid;
  status.uptime = Math.max(0, Math.floor((lab.clock.now() - process.startedAtMs) / 1000));
  for (const [name, value] of Object.entries(process.readings)) {
    if (full || !fullReadings.has(name)) status[name] = value;
  }
  if (lab.release === '9.2') Object.assign(status, pressure);
  return status;
}

/** Readings that only a full status has. */
const fullReadings = new Set([
  'nics',
  'blockstat',
  'ballooninfo',
  'proxmox-support',
  'running-machine',
  'running-qemu',
  'diskread',
  'diskwrite',
  'balloon',
  'freemem',
]);

const pressure: JsonObject = {
  pressurecpufull: 0,
  pressurecpusome: 0,
  pressureiofull: 0,
  pressureiosome: 0,
  pressurememoryfull: 0,
  pressurememorysome: 0,
};

/** GET …/status/current. */
export function currentStatus(lab: Lab, guest: GuestRecord): JsonObject {
  const { main } = guest.config;
  const status = guestStatus(lab, guest, true);
  const managed = lab.state.extra[`ha/vm:${guest.vmid}`] !== undefined;
  status.ha = { managed: managed ? 1 : 0 };
  if (main.vga !== undefined) {
    const vga = parseProperties(main.vga, 'type');
    if (/^qxl/.test(vga.type ?? '') || /^virtio/.test(vga.type ?? '')) status.spice = 1;
    status.clipboard = vga.clipboard ?? null;
  }
  if (agentEnabled(main.agent)) status.agent = 1;
  return status;
}
