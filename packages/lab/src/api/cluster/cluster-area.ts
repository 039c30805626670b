import { badParameter, failure } from '../../http/pve-error.js';
import { defineRoute } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';
import type { ApiArea } from '../area.js';
import { nodeEntry } from '../nodes/node-routes.js';
import { splitUser } from '../nodes/task-routes.js';
import { broadcast, guestEntry, storageEntry } from './resource-entries.js';

/** pvestatd tells the cluster about its guests this often. */
const BROADCAST_MS = 10_000;

/** Cluster-wide views (pve-manager, PVE/API2/Cluster.pm). */
export const clusterArea: ApiArea = {
  name: 'cluster',
  start: (lab) => {
    const tick = () => {
      broadcast(lab);
      lab.commit();
      lab.clock.schedule(BROADCAST_MS, tick);
    };
    tick();
  },
  routes: [
    defineRoute('GET /cluster/nextid', ({ lab, params }) => nextId(lab, params.get('vmid'))),
    defineRoute('GET /cluster/resources', ({ lab, caller, params }) => {
      const type = params.get('type');
      const entries: JsonObject[] = [];
      if (type === undefined || type === 'vm') {
        const guests = Object.values(lab.state.guests).sort((a, b) => a.vmid - b.vmid);
        for (const guest of guests)
          if (lab.access.has(caller, `/vms/${guest.vmid}`, ['VM.Audit']))
            entries.push(guestEntry(lab, guest));
      }
      const nodes = Object.keys(lab.state.nodes).sort();
      if (type === undefined || type === 'node') {
        for (const node of nodes) {
          const auditor = lab.access.has(caller, `/nodes/${node}`, ['Sys.Audit']);
          const entry = nodeEntry(lab, node, auditor);
          entries.push(
            auditor && entry.status === 'online'
              ? { ...entry, 'cgroup-mode': lab.state.nodes[node]?.cgroupMode ?? 2 }
              : entry,
          );
        }
      }
      if (type === undefined || type === 'storage') {
        for (const id of Object.keys(lab.state.storages).sort()) {
          if (!lab.access.has(caller, `/storage/${id}`, ['Datastore.Audit'])) continue;
          const { nodes: only } = lab.storages.entry(id);
          for (const node of nodes)
            if (only === undefined || only.includes(node)) entries.push(storageEntry(lab, node, id));
        }
      }
      if (type === undefined || type === 'sdn') {
        for (const node of nodes) {
          if (!lab.access.has(caller, '/sdn/zones/localnetwork', ['SDN.Audit'])) continue;
          entries.push({
            id: `sdn/${node}/localnetwork`,
            sdn: 'localnetwork',
            node,
            type: 'sdn',
            status: 'ok',
          });
          if (lab.release !== '8.4') {
            entries.push({
              id: `network/${node}/zone/localnetwork`,
              network: 'localnetwork',
              'network-type': 'zone',
              'zone-type': 'local',
              node,
              type: 'network',
              status: 'ok',
            });
          }
        }
      }
      return entries;
    }),
    defineRoute('GET /cluster/status', ({ lab }) => {
      const { cluster } = lab.state.meta;
      const nodes = Object.keys(lab.state.nodes).sort();
      const online = nodes.filter((node) => lab.state.nodes[node]?.online === true).length;
      const entries: JsonObject[] = nodes.map((name, index) => ({
        id: `node/${name}`,
        type: 'node',
        name,
        nodeid: cluster === '' ? 0 : index + 1,
        ip: lab.state.nodes[name]?.address ?? '',
        online: lab.state.nodes[name]?.online === true ? 1 : 0,
        local: index === 0 ? 1 : 0,
        level: '',
      }));
      if (cluster !== '') {
        entries.unshift({
          id: 'cluster',
          type: 'cluster',
          name: cluster,
          nodes: nodes.length,
          quorate: online * 2 > nodes.length ? 1 : 0,
          version: nodes.length,
        });
      }
      return entries;
    }),
    defineRoute('GET /cluster/options', ({ lab, caller }) => {
      const { description = '', mac_prefix = 'BC:24:11', ...rest } = lab.state.datacenter;
      if (!lab.access.has(caller, '/', ['Sys.Audit'])) return { 'allowed-tags': [] };
      return { description, 'allowed-tags': [], mac_prefix, ...rest };
    }),
    defineRoute('PUT /cluster/options', ({ lab, params }) => {
      for (const name of params.list('delete')) delete lab.state.datacenter[name];
      for (const [name, value] of params.entries())
        if (name !== 'delete' && typeof value === 'string') lab.state.datacenter[name] = value;
    }),
    defineRoute('GET /cluster/tasks', ({ lab, caller }) => {
      const all = lab.access.has(caller, '/', ['Sys.Audit']);
      const tasks = Object.values(lab.state.tasks)
        .filter((task) => all || splitUser(task.user).userid === caller.authid)
        .sort((a, b) => b.starttime - a.starttime);
      return tasks.slice(0, 25 * Object.keys(lab.state.nodes).length).map((task): JsonObject => {
        const { userid, tokenid } = splitUser(task.user);
        const running = task.exitstatus === undefined;
        return {
          upid: task.upid,
          node: task.node,
          pid: task.pid,
          pstart: task.pstart,
          starttime: task.starttime,
          type: task.type,
          id: task.id,
          user: running ? task.user : userid,
          saved: running ? '0' : '1',
          ...(running || tokenid === undefined ? {} : { tokenid }),
          ...(running ? {} : { endtime: task.endtime ?? 0, status: task.exitstatus }),
        };
      });
    }),
    defineRoute('GET /cluster/config/nodes', ({ lab }) =>
      lab.state.meta.cluster === ''
        ? []
        : Object.keys(lab.state.nodes).map((name, index) => ({
            name,
            node: name,
            nodeid: String(index + 1),
            quorum_votes: '1',
            ring0_addr: '127.0.0.1',
          })),
    ),
    defineRoute('GET /cluster/sdn/vnets', () => []),
    defineRoute('GET /cluster/sdn/zones', () => []),
    defineRoute('GET /cluster/replication', () => []),
    defineRoute('GET /cluster/backup', () => []),
  ],
};

/** The lowest free id, or the wanted one if it is free. Reserves nothing. */
export function nextId(lab: Lab, wanted: string | undefined): string {
  if (wanted !== undefined) {
    if (lab.state.guests[wanted] !== undefined) throw badParameter('vmid', `VM ${wanted} already exists`);
    return wanted;
  }
  const range = lab.state.datacenter['next-id'] ?? '';
  const lower = Number(/lower=(\d+)/.exec(range)?.[1] ?? 100);
  const upper = Number(/upper=(\d+)/.exec(range)?.[1] ?? 1_000_000);
  for (let id = lower; id < upper; id += 1) if (lab.state.guests[String(id)] === undefined) return String(id);
  throw failure(`unable to get any free VMID in range [${lower}, ${upper}]`);
}
