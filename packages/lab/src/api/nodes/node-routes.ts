import { failure } from '../../http/pve-error.js';
import { defineRoute } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';
import { VERSIONS } from '../version.js';
import { cpuModels, machineTypes } from './capabilities.js';

const KERNEL = { '8.4': '6.8.12-15-pve', '9.2': '6.17.2-1-pve' } as const;

/** Nodes: list, status, version, network, capabilities. */
export const nodeRoutes = [
  defineRoute('GET /nodes', ({ lab, caller }) =>
    Object.keys(lab.state.nodes)
      .sort()
      .map((node) => {
        const entry: JsonObject = {
          ...nodeEntry(lab, node, lab.access.has(caller, `/nodes/${node}`, ['Sys.Audit'])),
        };
        return { ...entry, ssl_fingerprint: lab.fingerprint() };
      }),
  ),
  defineRoute('GET /nodes/{node}/version', ({ lab }) => VERSIONS[lab.release]),
  defineRoute('GET /nodes/{node}/status', ({ lab, node }) => {
    const { cpus, memoryBytes } = nodeOf(lab, node);
    const used = Math.round(memoryBytes * 0.1) + runningMemory(lab, node);
    const kernel = KERNEL[lab.release];
    return {
      uptime: uptime(lab, node),
      idle: 0,
      cpu: 0.02,
      wait: 0,
      loadavg: ['0.10', '0.08', '0.05'],
      kversion: `Linux ${kernel} #1 SMP PREEMPT_DYNAMIC`,
      'current-kernel': {
        sysname: 'Linux',
        release: kernel,
        version: '#1 SMP PREEMPT_DYNAMIC',
        machine: 'x86_64',
      },
      'boot-info': { mode: 'efi', secureboot: 0 },
      pveversion: `pve-manager/${VERSIONS[lab.release].version}/${VERSIONS[lab.release].repoid}`,
      cpuinfo: {
        model: 'Lab CPU',
        sockets: 1,
        cores: cpus,
        cpus,
        mhz: '2400.000',
        hvm: nodeOf(lab, node).kvm ? '1' : '0',
        user_hz: 100,
        flags: 'fpu sse2',
      },
      memory: {
        total: memoryBytes,
        used,
        free: memoryBytes - used,
        ...(lab.release === '8.4' ? {} : { available: memoryBytes - used }),
      },
      swap: { total: 0, used: 0, free: 0 },
      ksm: { shared: 0 },
      rootfs: { total: 270553174016, used: 30994477056, free: 239558696960, avail: 77949816832 },
    };
  }),
  defineRoute('GET /nodes/{node}/network', ({ lab, node, params }) => {
    const type = params.get('type');
    return Object.entries(nodeOf(lab, node).interfaces)
      .filter(([, entry]) => type === undefined || matchesType(type, String(entry.type)))
      .map(([iface, entry]) => ({ iface, priority: 3, families: ['inet'], ...entry }));
  }),
  defineRoute('GET /nodes/{node}/network/{iface}', ({ lab, node, params }) => {
    const entry = nodeOf(lab, node).interfaces[params.require('iface')];
    if (entry === undefined) throw failure('interface does not exist');
    return entry;
  }),
  defineRoute('GET /nodes/{node}/capabilities/qemu/machines', ({ lab }) => machineTypes(lab.release)),
  defineRoute('GET /nodes/{node}/capabilities/qemu/cpu', ({ lab }) =>
    cpuModels(lab.release).map(([name, vendor]) => ({
      name,
      vendor,
      custom: 0,
      ...(lab.release !== '8.4' && /^x86-64-v/.test(name) ? { abstract: 1 } : {}),
    })),
  ),
  defineRoute('GET /nodes/{node}/dns', () => ({ search: 'lab.invalid', dns1: '127.0.0.1' })),
  defineRoute('GET /nodes/{node}/time', ({ lab }) => {
    const seconds = Math.floor(lab.clock.now() / 1000);
    return { timezone: 'UTC', time: seconds, localtime: seconds };
  }),
  defineRoute('GET /nodes/{node}/rrddata', () => []),
  defineRoute('GET /nodes/{node}/subscription', () => ({
    status: 'notfound',
    message: 'There is no subscription key',
    url: 'https://www.proxmox.com/en/proxmox-virtual-environment/pricing',
  })),
];

/** A node's record. @throws PveError 500 for a name that is not a member. */
export function nodeOf(lab: Lab, node: string) {
  const found = lab.state.nodes[node];
  if (found === undefined) throw failure(`no such cluster node '${node}'`);
  return found;
}

/** Seconds since the node booted. */
export function uptime(lab: Lab, node: string): number {
  return Math.max(1, Math.floor((lab.clock.now() - nodeOf(lab, node).bootedAtMs) / 1000));
}

/** A node as `/nodes` and `/cluster/resources` show it; numbers only for those who may audit it. */
export function nodeEntry(lab: Lab, node: string, auditor: boolean): JsonObject {
  const { online, cpus, memoryBytes } = nodeOf(lab, node);
  const base: JsonObject = {
    id: `node/${node}`,
    node,
    type: 'node',
    status: online ? 'online' : 'offline',
    level: '',
  };
  if (!online) return { id: `node/${node}`, node, type: 'node', status: 'offline' };
  if (!auditor) return base;
  return {
    ...base,
    cpu: 0.02,
    maxcpu: cpus,
    mem: Math.round(memoryBytes * 0.1) + runningMemory(lab, node),
    maxmem: memoryBytes,
    disk: 30994477056,
    maxdisk: 270553174016,
    uptime: uptime(lab, node),
  };
}

function runningMemory(lab: Lab, node: string): number {
  let bytes = 0;
  for (const guest of Object.values(lab.state.guests)) {
    if (guest.node === node && lab.runtime.process(guest.vmid) !== undefined) {
      bytes += Number.parseInt(guest.config.main.memory ?? '512', 10) * 1024 * 1024;
    }
  }
  return bytes;
}

function matchesType(filter: string, type: string): boolean {
  if (filter === 'any_bridge' || filter === 'any_local_bridge')
    return type === 'bridge' || type === 'OVSBridge';
  return filter === 'include_sdn' ? true : filter === type;
}
