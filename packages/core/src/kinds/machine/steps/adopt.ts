import { createAdopt } from '../../steps/adopt.js';
import { listApplied } from '../compare-machine.js';

/** Claims a machine that exists. */
export const adopt = createAdopt(({ declared }, guest) => {
  if (declared.kind !== 'machine') throw new TypeError(`${declared.vmid} is no machine`);
  return listApplied(declared, guest);
});
