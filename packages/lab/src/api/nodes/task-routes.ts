import type { Caller } from '../../access/access.js';
import { badParameter, failure } from '../../http/pve-error.js';
import { defineRoute, Reply } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';
import type { TaskRecord } from '../../state/lab-state.js';
import { parseUpid } from '../../tasks/upid.js';

/** The task list of a node, and single tasks (pve-manager, PVE/API2/Tasks.pm). */
export const taskRoutes = [
  defineRoute('GET /nodes/{node}/tasks', ({ lab, caller, node, params }) => {
    const auditor = lab.access.has(caller, `/nodes/${node}`, ['Sys.Audit']);
    const source = params.get('source') ?? 'archive';
    const since = params.integer('since');
    const until = params.integer('until');
    const type = params.get('typefilter');
    const user = params.get('userfilter');
    const vmid = params.get('vmid');
    const statuses = params.list('statusfilter').map((status) => status.toLowerCase());
    const running = (task: TaskRecord) => task.exitstatus === undefined;
    const found = Object.values(lab.state.tasks)
      .filter((task) => {
        if (task.node !== node) return false;
        if (source === 'archive' && running(task)) return false;
        if (source === 'active' && !running(task)) return false;
        if (since !== undefined && task.starttime < since) return false;
        if (until !== undefined && task.starttime > until) return false;
        if (type !== undefined && task.type !== type) return false;
        if (user !== undefined && !task.user.includes(user)) return false;
        if (vmid !== undefined && task.id !== vmid) return false;
        if (params.boolean('errors') === true && (running(task) || !isError(task.exitstatus ?? '')))
          return false;
        if (statuses.length > 0 && !running(task) && !statuses.includes(statusKind(task.exitstatus ?? '')))
          return false;
        return auditor || mine(task, caller);
      })
      .reverse()
      .sort((a, b) => order(b) - order(a));
    const start = params.integer('start') ?? 0;
    const limit = params.integer('limit') ?? 50;
    return new Reply(found.slice(start, start + limit).map(listEntry), { total: found.length });
  }),
  defineRoute('GET /nodes/{node}/tasks/{upid}', () => [{ name: 'log' }, { name: 'status' }]),
  defineRoute('GET /nodes/{node}/tasks/{upid}/status', ({ lab, caller, node, params }) => {
    const upid = params.require('upid');
    const task = taskOf(lab, caller, node, upid);
    if (task === undefined) throw badParameter('upid', 'no such task');
    const { userid, tokenid } = splitUser(task.user);
    return {
      upid,
      node: task.node,
      pid: task.pid,
      pstart: task.pstart,
      starttime: task.starttime,
      type: task.type,
      id: task.id,
      user: userid,
      ...(tokenid === undefined ? {} : { tokenid }),
      status: task.exitstatus === undefined ? 'running' : 'stopped',
      ...(task.exitstatus === undefined ? {} : { exitstatus: task.exitstatus }),
    };
  }),
  defineRoute('GET /nodes/{node}/tasks/{upid}/log', ({ lab, caller, node, params }) => {
    const task = taskOf(lab, caller, node, params.require('upid'));
    const start = params.integer('start') ?? 0;
    const limit = params.integer('limit') ?? 50;
    const lines = task === undefined ? ['unable to open file - No such file or directory'] : task.log;
    // Before 9 the line of a log that is not there is not in a list.
    if (task === undefined && lab.release === '8.4')
      return new Reply({ n: 1, t: lines[0] ?? '' }, { total: 1 });
    if (task !== undefined && lines.length === 0) return new Reply([{ n: 1, t: 'no content' }], { total: 1 });
    const shown = limit === 0 ? lines.slice(start) : lines.slice(start, start + limit);
    return new Reply(
      shown.map((t, index) => ({ n: start + index + 1, t })),
      { total: lines.length },
    );
  }),
  defineRoute('DELETE /nodes/{node}/tasks/{upid}', async ({ lab, caller, node, params }) => {
    const upid = params.require('upid');
    const parts = parseUpid(upid);
    if (parts === undefined) throw failure(`unable to parse worker upid '${upid}'`);
    const own =
      parts.user === caller.authid ||
      parts.user === caller.userid ||
      parts.user.startsWith(`${caller.authid}!`);
    if (!own) lab.access.check(caller, `/nodes/${node}`, ['Sys.Modify']);
    await lab.tasks.cancel(upid);
  }),
];

/** Running tasks first, then the latest. */
function order(task: TaskRecord): number {
  return task.exitstatus === undefined ? Number.MAX_SAFE_INTEGER : (task.endtime ?? 0);
}

/** The user of a task and, apart from it, the token. */
export function splitUser(user: string): { userid: string; tokenid?: string } {
  const at = user.indexOf('!');
  return at < 0 ? { userid: user } : { userid: user.slice(0, at), tokenid: user.slice(at + 1) };
}

/** A task as lists show it. */
function listEntry(task: TaskRecord): JsonObject {
  const running = task.exitstatus === undefined;
  const { userid, tokenid } = splitUser(task.user);
  return {
    upid: task.upid,
    node: task.node,
    pid: task.pid,
    pstart: task.pstart,
    starttime: task.starttime,
    type: task.type,
    id: task.id,
    user: running ? task.user : userid,
    ...(tokenid === undefined || running ? {} : { tokenid }),
    ...(running
      ? { saved: '0', status: 'RUNNING' }
      : { endtime: task.endtime ?? task.starttime, status: task.exitstatus }),
  };
}

/** A user sees own tasks and those of own tokens; a token sees its own. */
export function mine(task: TaskRecord, caller: Caller): boolean {
  return (
    task.user === caller.authid ||
    (caller.tokenid === undefined && splitUser(task.user).userid === caller.userid)
  );
}

function isError(status: string): boolean {
  return status !== 'OK' && !/^WARNINGS: \d+$/.test(status);
}

function statusKind(status: string): string {
  if (status === 'OK') return 'ok';
  if (status === 'unexpected status' || status === '') return 'unknown';
  return isError(status) ? 'error' : 'warning';
}

function taskOf(lab: Lab, caller: Caller, node: string, upid: string): TaskRecord | undefined {
  const parts = parseUpid(upid);
  if (parts === undefined) throw failure(`unable to parse worker upid '${upid}'`);
  const owner: TaskRecord = { upid, ...parts, log: [] };
  if (!mine(owner, caller)) lab.access.check(caller, `/nodes/${node}`, ['Sys.Audit']);
  const task = lab.state.tasks[upid];
  return task?.node === node ? task : undefined;
}
