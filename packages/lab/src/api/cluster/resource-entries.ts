import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';
import type { GuestRecord } from '../../state/lab-state.js';
import { usedBytes } from '../storage/storage-routes.js';

const MIB = 1024 ** 2;

/**
 * A guest as `/cluster/resources` shows it: identity, lock, tags and pool as they are; name, status and numbers as pvestatd last told
 * (PVE/API2Tools.pm extract_vm_stats).
 */
export function guestEntry(lab: Lab, guest: GuestRecord): JsonObject {
  const { vmid, kind, node } = guest;
  const told = lab.state.nodes[node]?.online === false ? undefined : lab.state.broadcast[String(vmid)];
  const { lock, tags } = guest.config.main;
  const pool = poolOfGuest(lab, vmid);
  return {
    id: `${kind}/${vmid}`,
    vmid,
    node,
    type: kind,
    status: told?.status ?? 'unknown',
    ...(told === undefined ? {} : { name: told.name, template: told.template ? 1 : 0, ...told.readings }),
    ...(pool === undefined ? {} : { pool }),
    ...(lock === undefined ? {} : { lock }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/** The pool of a guest, if it is in one. */
export function poolOfGuest(lab: Lab, vmid: number): string | undefined {
  for (const name in lab.state.pools) if (lab.state.pools[name]?.vms.includes(vmid) === true) return name;
  return undefined;
}

/** A storage of a node as `/cluster/resources` shows it. */
export function storageEntry(lab: Lab, node: string, id: string): JsonObject {
  const entry = lab.storages.entry(id);
  const online = lab.state.nodes[node]?.online === true && entry.disable !== true;
  return {
    id: `storage/${node}/${id}`,
    storage: id,
    node,
    type: 'storage',
    plugintype: entry.type,
    content: entry.content,
    shared: entry.shared === true ? 1 : 0,
    status: online ? 'available' : 'unknown',
    ...(online ? { disk: usedBytes(lab, node, id), maxdisk: entry.capacityBytes } : {}),
  };
}

/** What pvestatd tells about every guest now. */
export function broadcast(lab: Lab): void {
  const { guests, broadcast: told } = lab.state;
  for (const guest of Object.values(guests)) {
    const { main } = guest.config;
    const process = lab.runtime.process(guest.vmid);
    const running = process !== undefined;
    const cores = Number(main.cores ?? 1) * Number(main.sockets ?? 1);
    const uptime = running ? Math.floor((lab.clock.now() - process.startedAtMs) / 1000) : 0;
    const entry = {
      status: running ? 'running' : 'stopped',
      name: main.name ?? main.hostname ?? (guest.kind === 'qemu' ? `VM ${guest.vmid}` : `CT${guest.vmid}`),
      template: main.template === '1',
      readings: {
        cpu: running ? 0.01 : 0,
        maxcpu: cores,
        mem: running ? Math.round(memoryMib(main.memory) * MIB * 0.3) : 0,
        maxmem: memoryMib(main.memory) * MIB,
        disk: 0,
        maxdisk: bootDiskBytes(lab, guest),
        netin: 0,
        netout: 0,
        diskread: 0,
        diskwrite: 0,
        uptime,
        ...(lab.release === '8.4'
          ? {}
          : { memhost: running ? Math.round(memoryMib(main.memory) * MIB * 0.35) : 0 }),
      },
    };
    const before = told[String(guest.vmid)];
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(entry))
      told[String(guest.vmid)] = entry;
  }
  for (const vmid of Object.keys(told)) if (guests[vmid] === undefined) delete told[vmid];
}

function memoryMib(memory: string | undefined): number {
  return Number.parseInt(memory?.replace(/^current=/, '') ?? '512', 10);
}

/** The size of the first disk in boot order, as lists show it. */
export function bootDiskBytes(lab: Lab, guest: GuestRecord): number {
  const { main } = guest.config;
  const order = /order=([^,]*)/.exec(main.boot ?? '')?.[1]?.split(';') ?? [];
  const disks = [...order, main.bootdisk ?? '', 'rootfs'].filter((key) =>
    /^(scsi|virtio|sata|ide)\d+$|^rootfs$/.test(key),
  );
  for (const key of disks) {
    const volid = main[key]?.split(',')[0] ?? '';
    if (/media=cdrom/.test(main[key] ?? '') || !volid.includes(':')) continue;
    return lab.storages.volume(guest.node, volid)?.sizeBytes ?? 0;
  }
  return 0;
}
