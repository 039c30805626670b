import type { FaultEffect } from '@phoenix/lab';

/** A call of a run by its place: `PUT /nodes/pve/qemu/8001/config`, the second one. */
export interface Call {
  readonly on: string;
  readonly nth: number;
}

interface KnownEffect {
  readonly name: string;
  readonly effect: FaultEffect;
  /** The calls that it can befall; default all. */
  readonly befalls?: RegExp;
}

/** Calls that start no task, or whose task is only the terminal itself. */
const agentOrTerminal = /\/agent\/|\/termproxy$|\/vncwebsocket$/;
const startsTask =
  /^POST .*\/(qemu|lxc|clone|upload|download-url|snapshot|start|shutdown)$|^POST .*\/template$|^PUT .*\/resize$|^DELETE /;
const agentExec = /\/agent\/exec$/;

/** Everything that the lab can do to a call, with what the guest agent does to its own. */
const effects: readonly KnownEffect[] = [
  { name: 'cut before its effect', effect: 'drop-before' },
  { name: 'cut after its effect', effect: 'drop-after' },
  { name: '500', effect: { status: 500 } },
  { name: '595', effect: { status: 595 } },
  { name: '596', effect: { status: 596 } },
  { name: '596 after its effect', effect: { status: 596, after: true } },
  { name: 'taken up twenty seconds late', effect: { delayMs: 20_000 } },
  {
    name: 'a lock that is not to be had',
    effect: 'lock-timeout',
    befalls: /^(?!.*\/(agent|termproxy|vncwebsocket|storage)).*$/,
  },
  { name: 'a stale digest', effect: 'stale-digest', befalls: /\/config$|\/firewall\// },
  { name: 'a failing task', effect: { task: 'fail', log: 'something broke' }, befalls: startsTask },
  {
    name: 'a task with warnings',
    effect: { task: 'warnings', log: 'something is odd' },
    befalls: startsTask,
  },
  {
    name: 'a dead agent',
    effect: { status: 500, reason: 'QEMU guest agent is not running' },
    befalls: agentExec,
  },
  {
    name: 'a slow agent, whose answer comes too late',
    effect: { status: 500, reason: "VM 8001 qga command 'guest-exec' failed - got timeout", after: true },
    befalls: agentExec,
  },
];

/** Whether a call changes the world, or drives something in a guest. */
export function isFaultable(method: string, path: string): boolean {
  return method !== 'GET' || agentOrTerminal.test(path);
}

/** Faults beyond this many of a fleet are sampled evenly; 0, the default, takes every one. */
const limit = Number(process.env.PHOENIX_MATRIX_FAULTS ?? 0);

/** The effects that a call is tried with. */
function effectsOn({ on }: Call): readonly KnownEffect[] {
  return effects.filter(({ befalls }) => befalls === undefined || befalls.test(on));
}

/** Each call with each effect that can befall it. */
export function listFaults(calls: readonly Call[]): readonly (readonly [string, Call, FaultEffect])[] {
  const faults = calls.flatMap((call) =>
    effectsOn(call).map(({ name, effect }) => [`${call.on}#${call.nth}: ${name}`, call, effect] as const),
  );
  if (limit === 0 || faults.length <= limit) return faults;
  return faults.filter(
    (_, index) =>
      Math.floor((index * limit) / faults.length) !== Math.floor(((index + 1) * limit) / faults.length),
  );
}
