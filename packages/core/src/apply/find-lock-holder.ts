import { listTasks } from '@phoenix/proxmox-client';
import { listGuestRows } from '../observe/list-guest-rows.js';
import type { StepContext } from './step-context.js';

/** Tasks that look and hold nothing. */
const looking = /^(vncproxy|vncshell|spiceproxy|spiceshell|termproxy)$/;

/** A task that works on a guest and may hold its lock. */
export interface LockHolder {
  /** `qmsnapshot`. */
  readonly type: string;
  /** `alice@pve`, or `alice@pve!token`. */
  readonly user: string;
  readonly upid: string;
}

/**
 * Who works on the guest of a step, or on the source that it is cloned from. Undefined when nobody does, or nobody whose tasks the token
 * may see; never rejects but by the signal, since it only explains another failure.
 */
export async function findLockHolder(
  context: Pick<StepContext, 'client' | 'vmid' | 'signal' | 'action'>,
): Promise<LockHolder | undefined> {
  const { client, vmid, signal, action } = context;
  const concerned = [vmid, ...(typeof action.input.source === 'number' ? [action.input.source] : [])];
  try {
    const rows = await listGuestRows(client, { signal });
    for (const id of concerned) {
      const node = rows.find((row) => row.vmid === id)?.node;
      if (node === undefined) continue;
      const tasks = await listTasks(client, { node, vmid: id, source: 'active' }, { signal });
      const task = tasks.find((entry) => entry.status === 'RUNNING' && !looking.test(entry.type));
      if (task === undefined) continue;
      // Of tasks that run the user is named with the token.
      return { type: task.type, user: task.user, upid: task.upid };
    }
  } catch {
    signal.throwIfAborted();
  }
  return undefined;
}
