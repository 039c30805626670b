import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import { listTasks, type TaskEntry } from './list-tasks.js';

/**
 * Looks for the newest task of a type on a guest since a time: after PVE_OUTCOME_UNKNOWN it tells whether the call went through.
 * No task found proves nothing within the first seconds: the call may still be under way.
 */
export async function findTask(
  client: ProxmoxClient,
  question: {
    readonly node: string;
    readonly type: string;
    readonly vmid?: number /** In seconds since 1970, by the node's clock. */;
    readonly since?: number;
  },
  options?: RequestOptions,
): Promise<TaskEntry | undefined> {
  const tasks = await listTasks(client, question, options);
  return tasks.toSorted((a, b) => b.starttime - a.starttime)[0];
}
