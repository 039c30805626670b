import type { Lab } from '../lab.js';

/**
 * Puts a state right that a lab left which was killed: tasks that were running have ended with `unexpected status` (as after a crash of a node), locks that
 * they held in configurations are gone, guests that were half created or cloned are removed, and so are images that no record refers to.
 */
export async function recoverState(lab: Lab): Promise<void> {
  const { state } = lab;
  let interrupted = 0;
  for (const task of Object.values(state.tasks)) {
    if (task.exitstatus !== undefined) continue;
    interrupted += 1;
    task.exitstatus = 'unexpected status';
    task.endtime = Math.floor(lab.clock.now() / 1000);
  }
  if (interrupted === 0) return;
  for (const [vmid, guest] of Object.entries(state.guests)) {
    const { lock } = guest.config.main;
    if (lock === undefined || lock === 'suspended' || lock === 'backup') continue;
    delete guest.config.main.lock;
    if (lock === 'create' || lock === 'clone' || lock === 'destroyed') delete state.guests[vmid];
  }
  await removeOrphans(lab);
}

/** Frees images whose guest has no record of them. */
async function removeOrphans(lab: Lab): Promise<void> {
  for (const volume of Object.values(lab.state.volumes)) {
    if (volume.content !== 'images' && volume.content !== 'rootdir') continue;
    const guest = volume.vmid === undefined ? undefined : lab.state.guests[String(volume.vmid)];
    if (guest !== undefined && JSON.stringify(guest.config).includes(volume.volid)) continue;
    const node = volume.node === '' ? (Object.keys(lab.state.nodes)[0] ?? '') : volume.node;
    await lab.storages.free(node, volume.volid).catch(() => {});
  }
}
