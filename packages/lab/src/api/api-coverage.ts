import { loadApiSchema } from '../schema/api-schema.js';
import type { LabRelease } from '../state/lab-state.js';
import { areas, streams } from './areas.js';
import { indexRoutes } from './index-routes.js';

/**
 * What the lab does with a method of PVE's API: `emulated`; `directory` (the list of what lies below it); `verified`: credentials, permission and
 * parameters are checked as PVE does, then the answer is 501 `… not implemented by the lab`.
 */
export interface MethodCoverage {
  readonly method: string;
  readonly path: string;
  readonly coverage: 'emulated' | 'directory' | 'verified';
}

/** Every method of PVE's API in a release, with what the lab does with it, by path. */
export async function apiCoverage(release: LabRelease): Promise<readonly MethodCoverage[]> {
  const schema = await loadApiSchema(release);
  const handled = new Set(
    areas.flatMap((area) => area.routes.map((route) => `${route.method} ${route.path}`)),
  );
  const directories = new Set(indexRoutes(schema, handled).map((route) => `${route.method} ${route.path}`));
  return schema.keys
    .map((key): MethodCoverage => {
      const [method = '', path = ''] = key.split(' ');
      const emulated = handled.has(key) || streams.has(key);
      return {
        method,
        path,
        coverage: emulated ? 'emulated' : directories.has(key) ? 'directory' : 'verified',
      };
    })
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1));
}
