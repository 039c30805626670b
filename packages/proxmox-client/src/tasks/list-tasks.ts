import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';
import type { RouteData } from '../schema/route-types.js';

/** An entry of a node's task list; running ones have no `endtime`, and status `RUNNING`. */
export type TaskEntry = RouteData<'GET /nodes/{node}/tasks'>[number];

/** Lists tasks of a node, newest first. A token sees its own tasks only, unless it has Sys.Audit on the node. */
export function listTasks(
  client: ProxmoxClient,
  {
    node,
    vmid,
    type,
    since,
    source = 'all',
    limit,
    errorsOnly,
  }: {
    readonly node: string;
    readonly vmid?: number;
    /** Worker type, e.g. `qmcreate`. */
    readonly type?: string;
    /** Started at or after, in seconds since 1970. */
    readonly since?: number;
    /** Default `all`; PVE's own default `archive` leaves running tasks out. */
    readonly source?: 'archive' | 'active' | 'all';
    /** Default 50. */
    readonly limit?: number;
    readonly errorsOnly?: boolean;
  },
  options?: RequestOptions,
): Promise<TaskEntry[]> {
  return client.request(
    'GET /nodes/{node}/tasks',
    {
      node,
      source,
      ...(vmid === undefined ? {} : { vmid }),
      ...(type === undefined ? {} : { typefilter: type }),
      ...(since === undefined ? {} : { since }),
      ...(limit === undefined ? {} : { limit }),
      ...(errorsOnly === undefined ? {} : { errors: errorsOnly }),
    },
    options,
  );
}
