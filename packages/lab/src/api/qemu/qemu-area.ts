import type { ApiArea } from '../area.js';
import { agentRoutes } from './agent/agent-routes.js';
import { cloudInitRoutes } from './cloudinit/cloudinit-routes.js';
import { configRoutes } from './config/config-routes.js';
import { consoleRoutes } from './console.js';
import { moveRoutes } from './disks/move-routes.js';
import { resizeRoutes } from './disks/resize-routes.js';
import { cloneRoutes } from './lifecycle/clone.js';
import { destroyRoutes } from './lifecycle/destroy.js';
import { migrateRoutes } from './lifecycle/migrate-routes.js';
import { powerRoutes, watchGuestExits } from './lifecycle/power-routes.js';
import { templateRoutes } from './lifecycle/template.js';
import { listRoutes } from './list-routes.js';
import { snapshotRoutes } from './snapshots/snapshot-routes.js';

/** Virtual machines: `/nodes/{node}/qemu`. */
export const qemuArea: ApiArea = {
  name: 'qemu',
  routes: [
    ...listRoutes,
    ...configRoutes,
    ...cloudInitRoutes,
    ...powerRoutes,
    ...agentRoutes,
    ...consoleRoutes,
    ...snapshotRoutes,
    ...cloneRoutes,
    ...templateRoutes,
    ...resizeRoutes,
    ...moveRoutes,
    ...migrateRoutes,
    ...destroyRoutes,
  ],
  start: watchGuestExits,
};
