import { failure } from '../../http/pve-error.js';
import type { Lab } from '../../lab.js';

/** @throws PveError 500 `CT 602 already exists on node 'pve'` when any guest of the cluster has this id (Cluster.pm, check_vmid_unused). */
export function checkVmidFree(lab: Lab, vmid: number): void {
  const other = lab.state.guests[String(vmid)];
  if (other === undefined) return;
  throw failure(`${other.kind === 'lxc' ? 'CT' : 'VM'} ${vmid} already exists on node '${other.node}'`);
}
