import { listTasks } from '@phoenix/proxmox-client';
import { listGuestRows } from '../observe/list-guest-rows.js';
import { awaitTask } from './await-task.js';
import type { StepContext } from './step-context.js';

/** Tasks that change a guest; consoles, backups and the like show as locks where they matter. */
const changing =
  /^((qm|vz)(create|clone|restore|start|stop|shutdown|reboot|template|destroy|move|snapshot|delsnapshot|rollback|config)|resize|move_volume|hastart|hastop)$/;

/**
 * Waits for tasks that already work on the guest: those of a run that was killed, and other people's.
 * How they end does not matter here; the step looks afterwards.
 */
export async function settleGuest(context: StepContext): Promise<void> {
  const { client, vmid, signal, action } = context;
  const row = (await listGuestRows(client, { signal })).find((candidate) => candidate.vmid === vmid);
  const planned = action.input.node;
  const node = row?.node ?? (typeof planned === 'string' ? planned : undefined);
  if (node === undefined) return;
  for (const task of await listTasks(client, { node, vmid, source: 'active' }, { signal })) {
    if (!changing.test(task.type) || task.status !== 'RUNNING') continue;
    context.report.progress(`waiting for a task that is already running: ${task.type} by ${task.user}`);
    await awaitTask(context, task.upid, { failing: 'ignore' });
  }
}
