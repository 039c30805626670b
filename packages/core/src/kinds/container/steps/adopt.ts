import { createAdopt } from '../../steps/adopt.js';
import { listApplied } from '../compare-container.js';

/** Claims a container that exists. */
export const adopt = createAdopt(({ declared }, guest) => {
  if (declared.kind !== 'container') throw new TypeError(`${declared.vmid} is no container`);
  return listApplied(declared, guest);
});
