import { createGuest } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { settleGuest } from '../../../apply/settle-guest.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { WireValue } from '../../../observe/inventory.js';
import { isBeingMade } from '../../../observe/is-being-made.js';
import { printDescription } from '../../../observe/marker.js';
import { requireOurGuest } from '../../guest-step.js';
import { listApplied } from '../compare-container.js';
import { type ContainerStepContext, containerStep } from '../container-step.js';
import { printMountPoint } from '../container-volume.js';
import { listDesiredKeys } from '../desired-keys.js';

/** Keys of a new container. The claim is in it: no container of ours is ever without its marker. `unprivileged` is always sent: its default differs between releases. */
async function newContainerKeys(
  context: ContainerStepContext,
  volid: string,
): Promise<Readonly<Record<string, WireValue>>> {
  const { declared, action, secrets } = context;
  const storage = String(action.input.storage);
  const keys: Record<string, WireValue> = {
    ostemplate: volid,
    rootfs: `${storage}:${declared.diskGib ?? 4}`,
    unprivileged: declared.unprivileged ? 1 : 0,
  };
  for (const point of declared.mountPoints) keys[point.slot] = printMountPoint(point, declared);
  for (const desired of listDesiredKeys(declared, {}, undefined)) keys[desired.key] = desired.value;
  const { user } = declared;
  if (user?.password !== undefined)
    keys.password = typeof user.password === 'string' ? user.password : await secrets.resolve(user.password);
  const sshKeys = await Promise.all(
    (user?.sshKeys ?? []).map(async (key) => (typeof key === 'string' ? key : secrets.resolve(key))),
  );
  if (sshKeys.length > 0) keys['ssh-public-keys'] = sshKeys.join('\n');
  keys.description = printDescription(declared.description?.trim() ?? '', {
    v: 1,
    id: declared.vmid,
    stage: 'made',
    applied: listApplied(declared, { config: {} }),
    from: volid,
  });
  return keys;
}

/** Creates the container from its template, claimed by its marker in the creating call. */
export const create = containerStep(async (context) => {
  const { client, declared, action, results } = context;
  let guest = await context.look();
  if (guest !== undefined && isBeingMade(guest)) {
    await settleGuest(context);
    guest = await context.look();
  }
  if (guest !== undefined && isBeingMade(guest)) {
    throw new PhoenixError({
      code: 'PHOENIX_GUEST_LOCKED',
      message: `${declared.vmid} (${declared.name}) is reserved by a ${guest.lock ?? 'create'} that no task works on any more.`,
      hint: `On the node ${guest.node}: \`pct unlock ${declared.vmid} && pct destroy ${declared.vmid}\`, then run again.`,
      details: { vmid: declared.vmid },
    });
  }
  if (guest !== undefined) {
    await requireOurGuest(context);
    return { outcome: 'unchanged' };
  }
  const volid =
    typeof action.input.volid === 'string' ? action.input.volid : results.get(String(action.input.image));
  if (volid === undefined) throw new TypeError(`${action.id}: no template`);
  const set = await newContainerKeys(context, volid);
  const upid = await createGuest(client, {
    kind: 'lxc',
    node: String(action.input.node),
    vmid: declared.vmid,
    set: { ...set, ...(declared.pool === undefined ? {} : { pool: declared.pool }) },
  });
  await awaitTask(context, upid);
  return { outcome: 'ok' };
});
