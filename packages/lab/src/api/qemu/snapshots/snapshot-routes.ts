import { failure } from '../../../http/pve-error.js';
import { defineRoute, type RequestContext, type Route } from '../../../http/route.js';
import { guestConfigDigest } from '../../../state/guest-config.js';
import type { JsonObject } from '../../../state/json.js';
import { configValue } from '../config/config-keys.js';
import { checkConfigLock, guestOf, isRunning, vmidOf, withGuestLock } from '../guest-access.js';
import { createSnapshot } from './create-snapshot.js';
import { deleteSnapshot } from './delete-snapshot.js';
import { rollbackSnapshot } from './rollback-snapshot.js';

const base = '/nodes/{node}/qemu/{vmid}/snapshot';

/** Snapshots of a guest. Making, deleting and going back to one are tasks, and refuse there. */
export const snapshotRoutes: readonly Route[] = [
  defineRoute(`GET ${base}`, (ctx) => {
    const { lab } = ctx;
    const guest = guestOf(ctx);
    const { config } = guest;
    const rows: JsonObject[] = Object.keys(config.snapshots).map((name) => {
      const section = config.snapshots[name] ?? {};
      return {
        name,
        description: section.description ?? '',
        snaptime: Number(section.snaptime ?? 0),
        vmstate: section.vmstate === undefined ? 0 : 1,
        ...(section.parent !== undefined && { parent: section.parent }),
        ...(section.snapstate !== undefined && { snapstate: section.snapstate }),
      };
    });
    const current: JsonObject = {
      name: 'current',
      description: 'You are here!',
      digest: guestConfigDigest(config),
      running: isRunning(lab, guest.vmid) ? 1 : 0,
    };
    if (config.main.parent !== undefined) current.parent = config.main.parent;
    return [...rows, current];
  }),
  defineRoute(`POST ${base}`, (ctx) => {
    const name = ctx.params.require('snapname');
    if (name === 'current' || name === 'pending')
      throw failure(`unable to use snapshot name '${name}' (reserved name)`);
    return createSnapshot(ctx, name);
  }),
  defineRoute(`GET ${base}/{snapname}`, () => [{ cmd: 'rollback' }, { cmd: 'config' }]),
  defineRoute(`DELETE ${base}/{snapname}`, (ctx) => deleteSnapshot(ctx)),
  defineRoute(`POST ${base}/{snapname}/rollback`, (ctx) => rollbackSnapshot(ctx)),
  defineRoute(`GET ${base}/{snapname}/config`, (ctx) => {
    // PVE shows a stored cipassword in clear here.
    const view: JsonObject = {};
    for (const [key, value] of Object.entries(snapshotOf(ctx))) view[key] = configValue(key, value);
    return view;
  }),
  defineRoute(`PUT ${base}/{snapname}/config`, async (ctx) => {
    const { lab, node, params } = ctx;
    await withGuestLock(lab, node, vmidOf(ctx), { signal: ctx.signal }, async () => {
      checkConfigLock(guestOf(ctx).config);
      const section = snapshotOf(ctx);
      const description = params.get('description');
      if (description !== undefined) section.description = description;
    });
    return undefined;
  }),
];

function snapshotOf(ctx: RequestContext): Record<string, string> {
  const name = ctx.params.require('snapname');
  const section = guestOf(ctx).config.snapshots[name];
  if (section === undefined) throw failure(`snapshot '${name}' does not exist`);
  return section;
}
