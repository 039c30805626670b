import type { ApiArea } from '../area.js';
import { storageRoutes } from './storage-routes.js';

/** Storages and their content. */
export const storageArea: ApiArea = { name: 'storage', routes: storageRoutes };
