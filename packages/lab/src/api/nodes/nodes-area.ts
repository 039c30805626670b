import type { ApiArea } from '../area.js';
import { applianceRoutes } from './appliance-routes.js';
import { nodeRoutes } from './node-routes.js';
import { taskRoutes } from './task-routes.js';

/** Nodes and their tasks. */
export const nodesArea: ApiArea = {
  name: 'nodes',
  routes: [...nodeRoutes, ...applianceRoutes, ...taskRoutes],
};
