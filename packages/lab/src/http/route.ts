import type { Caller } from '../access/access.js';
import type { Lab } from '../lab.js';
import type { JsonValue } from '../state/json.js';
import type { TaskRun } from '../tasks/tasks.js';
import type { Params } from './params.js';

/** What a handler is given: who calls, the verified parameters, and the lab. */
export interface RequestContext {
  readonly lab: Lab;
  readonly caller: Caller;
  /** The node that the call is for: of the path (`localhost` resolved), else the one that was called. */
  readonly node: string;
  /** Path, query and body parameters, verified against PVE's schema of this release. */
  readonly params: Params;
  /** Starts a task on this node as this caller; yields the UPID. */
  startTask(task: {
    type: string;
    id?: string | number;
    user?: string;
    run: (task: TaskRun) => Promise<void>;
    undo?: () => void;
  }): string;
  /** Aborts when the client has gone (PVE's handlers do not notice; for cleaning up). */
  readonly signal: AbortSignal;
}

/** A handler's answer when it is more than the data. */
export class Reply {
  constructor(
    readonly data: JsonValue | undefined,
    readonly extra: { readonly total?: number; readonly changes?: string } = {},
  ) {}
}

/** What a handler may answer with; nothing becomes `data: null`. */
export type HandlerResult = JsonValue | Reply | undefined;

/** Answers a call: its value becomes `data`. Errors: `PveError`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that only does something returns nothing
export type Handler = (ctx: RequestContext) => HandlerResult | void | Promise<HandlerResult | void>;

/** A method of the API, by PVE's own template: `GET /nodes/{node}/qemu/{vmid}/config`. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly handler: Handler;
}

/**
 * Declares what answers one method of PVE's API. Authentication, permission, verification of parameters and proxying come from PVE's schema and happen
 * before the handler; a template that the schema of the release does not know is not routed in that release.
 */
export function defineRoute(template: string, handler: Handler): Route {
  const [method = '', path = ''] = template.split(' ');
  return { method, path, handler };
}
