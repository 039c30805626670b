import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import { parseUpid } from './parse-upid.js';

/** Where a task stands. */
export interface TaskStatus {
  readonly upid: string;
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  /** In seconds since 1970. */
  readonly starttime: number;
  readonly status: 'running' | 'stopped';
  /** Once stopped: `OK`, `WARNINGS: 2`, or the text of the error. */
  readonly exitstatus?: string;
}

/**
 * Asks how a task stands.
 * @throws ProxmoxError PVE_NOT_FOUND when its node no longer knows it
 */
export function getTaskStatus(
  client: ProxmoxClient,
  upid: string,
  options?: RequestOptions,
): Promise<TaskStatus> {
  return client.request(
    'GET /nodes/{node}/tasks/{upid}/status',
    { node: parseUpid(upid).node, upid },
    options,
  );
}
