import type { Lab } from '../lab.js';
import type { GuestRecord } from './lab-state.js';

const VOLID = /[A-Za-z][A-Za-z0-9\-_.]*[A-Za-z0-9]:[^,\s"]+/g;

/**
 * Puts a state right that a lab left which was killed: tasks that were running have ended with `unexpected status` (as after a crash of a node), locks that
 * they held in configurations are gone, guests that were half created, cloned or deleted are removed, and so are images that no configuration refers to
 * (but for those that a client allocated by itself). `clean` tells that the lab was closed in order: then there is nothing to do.
 */
export async function recoverState(lab: Lab, clean: boolean): Promise<void> {
  const { state } = lab;
  const halfDeleted = new Set<string>();
  for (const task of Object.values(state.tasks)) {
    if (task.exitstatus !== undefined) continue;
    task.exitstatus = 'unexpected status';
    task.endtime = Math.floor(lab.clock.now() / 1000);
    if (task.type === 'qmdestroy' || task.type === 'vzdestroy') halfDeleted.add(task.id);
  }
  if (clean) return;
  for (const [vmid, guest] of Object.entries(state.guests)) {
    const { lock } = guest.config.main;
    if (lock === 'create' || lock === 'clone' || lock === 'destroyed') delete state.guests[vmid];
    else if (lock !== undefined && lock !== 'suspended' && lock !== 'backup') delete guest.config.main.lock;
  }
  for (const [vmid, guest] of Object.entries(state.guests)) {
    const missing = missingImages(lab, guest);
    if (missing.length === 0) continue;
    if (halfDeleted.has(vmid)) delete state.guests[vmid];
    else for (const volid of missing) pointToBase(lab, guest, volid);
  }
  await removeOrphans(lab);
}

/** Images of its own that a guest's configuration names and no storage has. */
function missingImages(lab: Lab, guest: GuestRecord): readonly string[] {
  const named = JSON.stringify(guest.config).match(VOLID) ?? [];
  return named.filter((volid) => {
    const [storage = ''] = volid.split(':');
    if (lab.state.storages[storage] === undefined || !volid.includes(`-${guest.vmid}-`)) return false;
    return lab.storages.volume(guest.node, volid) === undefined;
  });
}

/** A conversion to a template renames an image before the configuration names the new one. */
function pointToBase(lab: Lab, guest: GuestRecord, volid: string): void {
  const base = volid.replace(/\/vm-(?=[^/]*$)/, '/base-').replace(/\/subvol-(?=[^/]*$)/, '/basevol-');
  if (lab.storages.volume(guest.node, base) === undefined) return;
  const { main } = guest.config;
  for (const [key, value] of Object.entries(main))
    if (value.includes(volid)) main[key] = value.replace(volid, base);
}

/** Frees images whose guest has no record of them. */
async function removeOrphans(lab: Lab): Promise<void> {
  for (const volume of Object.values(lab.state.volumes)) {
    if (volume.content !== 'images' && volume.content !== 'rootdir') continue;
    const guest = volume.vmid === undefined ? undefined : lab.state.guests[String(volume.vmid)];
    if (
      volume.byHand === true ||
      (guest !== undefined && JSON.stringify(guest.config).includes(volume.volid))
    )
      continue;
    const node = volume.node === '' ? (Object.keys(lab.state.nodes)[0] ?? '') : volume.node;
    await lab.storages.free(node, volume.volid).catch(() => {});
  }
}
