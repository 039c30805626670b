import { badParameters, failure } from '../../../http/pve-error.js';
import { defineRoute, type Route } from '../../../http/route.js';
import { guestOf } from '../guest-access.js';
import { configView, pendingView, sectionView } from './config-view.js';
import { updateConfigInTask, updateConfigNow } from './update.js';

const base = '/nodes/{node}/qemu/{vmid}';

/** Reading and changing a guest's configuration. */
export const configRoutes: readonly Route[] = [
  defineRoute(`GET ${base}/config`, (ctx) => {
    const { config } = guestOf(ctx);
    const snapshot = ctx.params.get('snapshot');
    const current = ctx.params.boolean('current') === true;
    if (snapshot === undefined) return configView(config, current);
    if (current) {
      throw badParameters({
        snapshot: "cannot use 'snapshot' parameter with 'current'",
        current: "cannot use 'snapshot' parameter with 'current'",
      });
    }
    const section = config.snapshots[snapshot];
    if (section === undefined) throw failure(`snapshot '${snapshot}' does not exist`);
    return sectionView(section, config);
  }),
  defineRoute(`GET ${base}/pending`, (ctx) => pendingView(guestOf(ctx).config)),
  defineRoute(`PUT ${base}/config`, (ctx) => updateConfigNow(ctx)),
  defineRoute(`POST ${base}/config`, (ctx) => updateConfigInTask(ctx)),
  defineRoute(`PUT ${base}/unlink`, (ctx) => updateConfigNow(ctx, 'idlist')),
];
