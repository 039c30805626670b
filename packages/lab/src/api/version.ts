import { defineRoute } from '../http/route.js';
import type { LabRelease } from '../state/lab-state.js';
import type { ApiArea } from './area.js';

/** What `GET /version` says of each release that the lab knows: the versions whose behaviour was measured. */
export const VERSIONS: Readonly<
  Record<LabRelease, { readonly version: string; readonly release: string; readonly repoid: string }>
> = {
  '8.4': { version: '8.4.21', release: '8.4', repoid: '2606ac850d46da29' },
  '9.2': { version: '9.2.11', release: '9.2', repoid: '14a22df35955d97d' },
};

/** `GET /version`. */
export const versionArea: ApiArea = {
  name: 'version',
  routes: [defineRoute('GET /version', ({ lab }) => VERSIONS[lab.release])],
};
