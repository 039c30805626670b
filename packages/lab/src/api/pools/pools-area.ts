import type { Caller } from '../../access/access.js';
import type { Params } from '../../http/params.js';
import { failure } from '../../http/pve-error.js';
import { defineRoute } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';
import type { ApiArea } from '../area.js';
import { guestEntry, storageEntry } from '../cluster/resource-entries.js';

/** Resource pools (pve-manager, PVE/API2/Pool.pm). */
export const poolsArea: ApiArea = {
  name: 'pools',
  routes: [
    defineRoute('GET /pools', ({ lab, caller, params }) => {
      const wanted = params.get('poolid');
      if (wanted !== undefined) {
        lab.access.check(caller, `/pool/${wanted}`, ['Pool.Audit']);
        return [{ poolid: wanted, ...poolData(lab, wanted, params.get('type')) }];
      }
      return Object.keys(lab.state.pools)
        .sort()
        .filter((pool) => lab.access.has(caller, `/pool/${pool}`, ['Pool.Audit']))
        .map((pool) => ({ poolid: pool, ...comment(lab, pool) }));
    }),
    defineRoute('POST /pools', ({ lab, params }) => {
      const pool = params.require('poolid');
      if (lab.state.pools[pool] !== undefined)
        throw failure(`create pool failed: pool '${pool}' already exists`);
      const parent = pool.split('/').slice(0, -1).join('/');
      if (parent !== '' && lab.state.pools[parent] === undefined)
        throw failure(`create pool failed: parent '${parent}' of pool '${pool}' does not exist`);
      const text = params.get('comment');
      lab.state.pools[pool] = { vms: [], storages: [], ...(text === undefined ? {} : { comment: text }) };
    }),
    defineRoute('GET /pools/{poolid}', ({ lab, params }) => {
      const pool = params.require('poolid');
      return { poolid: pool, ...poolData(lab, pool, params.get('type')) };
    }),
    defineRoute('PUT /pools', ({ lab, caller, params }) => updatePool(lab, caller, params)),
    defineRoute('PUT /pools/{poolid}', ({ lab, caller, params }) => updatePool(lab, caller, params)),
    defineRoute('DELETE /pools', ({ lab, params }) => deletePool(lab, params.require('poolid'))),
    defineRoute('DELETE /pools/{poolid}', ({ lab, params }) => deletePool(lab, params.require('poolid'))),
  ],
};

function comment(lab: Lab, pool: string): JsonObject {
  const text = lab.state.pools[pool]?.comment;
  return text === undefined ? {} : { comment: text };
}

function poolData(lab: Lab, pool: string, type: string | undefined): JsonObject {
  const record = lab.state.pools[pool];
  if (record === undefined) throw failure(`pool '${pool}' does not exist`);
  const members: JsonObject[] = [];
  for (const vmid of [...record.vms].sort((a, b) => a - b)) {
    const guest = lab.state.guests[String(vmid)];
    if (guest !== undefined && (type === undefined || type === guest.kind)) {
      const { pool: _, tags: __, ...entry } = guestEntry(lab, guest);
      members.push(entry);
    }
  }
  if (type === undefined || type === 'storage') {
    for (const storage of [...record.storages].sort()) {
      for (const node of Object.keys(lab.state.nodes).sort()) {
        if (lab.state.storages[storage] !== undefined) members.push(storageEntry(lab, node, storage));
      }
    }
  }
  return { ...comment(lab, pool), members };
}

function updatePool(lab: Lab, caller: Caller, params: Params): void {
  const pool = params.require('poolid');
  const record = lab.state.pools[pool];
  const fail = (text: string) => failure(`update pools failed: ${text}`);
  if (record === undefined) throw fail(`pool '${pool}' does not exist`);
  const text = params.get('comment');
  if (text !== undefined) record.comment = text;
  const remove = params.boolean('delete') === true;
  for (const id of params.list('vms')) {
    const vmid = Number(id);
    lab.access.check(caller, `/vms/${vmid}`, ['VM.Allocate', 'Permissions.Modify'], true);
    if (remove) {
      if (!record.vms.includes(vmid)) throw fail(`VM ${vmid} is not a pool member`);
      record.vms = record.vms.filter((other) => other !== vmid);
      continue;
    }
    if (record.vms.includes(vmid)) throw fail(`VM ${vmid} is already a pool member`);
    const owner = Object.entries(lab.state.pools).find(([, other]) => other.vms.includes(vmid));
    if (owner !== undefined) {
      if (params.boolean('allow-move') !== true)
        throw fail(`VM ${vmid} belongs already to pool '${owner[0]}' and 'allow-move' is not set`);
      owner[1].vms = owner[1].vms.filter((other) => other !== vmid);
    }
    if (lab.state.guests[id] === undefined) throw fail(`VM ${vmid} does not exist`);
    record.vms.push(vmid);
  }
  for (const storage of params.list('storage')) {
    lab.access.check(caller, `/storage/${storage}`, ['Datastore.Allocate', 'Permissions.Modify'], true);
    const member = record.storages.includes(storage);
    if (remove) {
      if (!member) throw fail(`storage '${storage}' is not a pool member`);
      record.storages = record.storages.filter((other) => other !== storage);
    } else {
      if (member) throw fail(`storage '${storage}' is already a pool member`);
      record.storages.push(storage);
    }
  }
}

function deletePool(lab: Lab, pool: string): void {
  const record = lab.state.pools[pool];
  const fail = (text: string) => failure(`delete pool failed: ${text}`);
  if (record === undefined) throw fail(`pool '${pool}' does not exist`);
  const [vmid] = record.vms.filter((id) => lab.state.guests[String(id)] !== undefined);
  if (vmid !== undefined) throw fail(`pool '${pool}' is not empty (contains VM ${vmid})`);
  const [storage] = record.storages;
  if (storage !== undefined) throw fail(`pool '${pool}' is not empty (contains storage '${storage}')`);
  const child = Object.keys(lab.state.pools).find((other) => other.startsWith(`${pool}/`));
  if (child !== undefined) throw fail(`pool '${pool}' is not empty (contains pool '${child}')`);
  delete lab.state.pools[pool];
  for (const [key, entry] of Object.entries(lab.state.acl))
    if (entry.path === `/pool/${pool}`) delete lab.state.acl[key];
}
