import { badParameter, failure } from '../../http/pve-error.js';
import { defineRoute } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { JsonObject, JsonValue } from '../../state/json.js';
import type { ApiArea } from '../area.js';

const PREFIX = 'ha/';

/**
 * Resources under high availability, as configuration (pve-ha-manager, PVE/API2/HA/Resources.pm). The lab has no resource manager: nothing is started or
 * moved because of them.
 */
export const haArea: ApiArea = {
  name: 'ha',
  routes: [
    defineRoute('GET /cluster/ha/resources', ({ lab, params }) => {
      const type = params.get('type');
      return resources(lab).filter((entry) => type === undefined || entry.type === type);
    }),
    defineRoute('POST /cluster/ha/resources', ({ lab, params }) => {
      const { sid, vmid, type } = parseSid(lab, params.require('sid'));
      const given = params.get('type');
      if (given !== undefined && given !== type) throw badParameter('type', 'types does not match');
      if (lab.state.extra[PREFIX + sid] !== undefined) throw failure(`resource ID '${sid}' already defined`);
      if (lab.state.guests[vmid] === undefined)
        throw failure(`unable to read vm config: Configuration file '${vmid}.conf' does not exist`);
      const entry: JsonObject = { sid, type };
      for (const name of ['state', 'group', 'comment', 'max_relocate', 'max_restart', 'failback']) {
        const value = params.get(name);
        if (value !== undefined) entry[name] = /^\d+$/.test(value) ? Number(value) : value;
      }
      entry.state ??= 'started';
      lab.state.extra[PREFIX + sid] = entry;
    }),
    defineRoute('GET /cluster/ha/resources/{sid}', ({ lab, params }) => {
      const { sid } = parseSid(lab, params.require('sid'));
      return { ...resourceAt(lab, sid), digest: lab.state.meta.cluster };
    }),
    defineRoute('PUT /cluster/ha/resources/{sid}', ({ lab, params }) => {
      const { sid } = parseSid(lab, params.require('sid'));
      const entry: JsonObject = { ...resourceAt(lab, sid) };
      for (const name of params.list('delete')) delete entry[name];
      for (const name of ['state', 'group', 'comment', 'max_relocate', 'max_restart', 'failback']) {
        const value = params.get(name);
        if (value !== undefined) entry[name] = /^\d+$/.test(value) ? Number(value) : value;
      }
      lab.state.extra[PREFIX + sid] = entry;
    }),
    defineRoute('DELETE /cluster/ha/resources/{sid}', ({ lab, params }) => {
      const { sid } = parseSid(lab, params.require('sid'));
      if (lab.state.extra[PREFIX + sid] === undefined)
        throw failure(`cannot delete service '${sid}', not HA managed!`);
      delete lab.state.extra[PREFIX + sid];
    }),
    defineRoute('GET /cluster/ha/groups', ({ lab }) => {
      if (lab.release !== '8.4') throw failure('cannot index groups: ha groups have been migrated to rules');
      return [];
    }),
    defineRoute('GET /cluster/ha/rules', () => []),
    defineRoute('GET /cluster/ha/status/current', ({ lab }) => {
      const quorum: JsonObject = {
        id: 'quorum',
        type: 'quorum',
        node: Object.keys(lab.state.nodes)[0] ?? '',
        status: 'OK',
        quorate: 1,
      };
      const services = resources(lab).map(
        (entry): JsonObject => ({
          id: `service:${String(entry.sid)}`,
          type: 'service',
          sid: entry.sid,
          node: lab.state.guests[String(entry.sid).split(':')[1] ?? '']?.node,
          request_state: entry.state,
          state: 'queued',
          status: `${String(entry.sid)} (queued)`,
          crm_state: 'queued',
        }),
      );
      return [quorum, ...services];
    }),
  ],
};

function parseSid(lab: Lab, text: string): { sid: string; type: string; vmid: string } {
  const found = /^(?:(vm|ct):)?(\d+)$/.exec(text);
  if (found === null) throw badParameter('sid', `invalid HA resource ID '${text}'`);
  const vmid = found[2] ?? '';
  const type = found[1] ?? (lab.state.guests[vmid]?.kind === 'lxc' ? 'ct' : 'vm');
  return { sid: `${type}:${vmid}`, type, vmid };
}

function resources(lab: Lab): JsonObject[] {
  const entries: JsonObject[] = [];
  for (const [key, value] of Object.entries(lab.state.extra))
    if (key.startsWith(PREFIX) && isObject(value)) entries.push(value);
  return entries;
}

function resourceAt(lab: Lab, sid: string): JsonObject {
  const entry = lab.state.extra[PREFIX + sid];
  if (entry === undefined || !isObject(entry)) throw failure(`no such resource '${sid}'`);
  return entry;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
