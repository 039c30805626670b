import type { Config } from '../config/model.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import { requireKind } from '../kinds/require-kind.js';
import type { Inventory, ObservedGuest } from '../observe/inventory.js';
import { digestDeclarations } from '../plan/digest-declarations.js';
import { findByVmid } from '../plan/find-by-vmid.js';
import { listLinkedClones } from '../plan/list-linked-clones.js';
import type { Action, GuestPlan, Plan, StepName } from '../plan/plan.js';
import { digestObserved } from '../plan/plan-guests.js';
import { listPrerequisites } from '../plan/select-guests.js';

/** What can be asked of guests as they are, beside bringing them to their declaration. */
export type Request =
  | { readonly verb: 'start' }
  | { readonly verb: 'stop'; readonly force: boolean }
  | { readonly verb: 'restart'; readonly force: boolean }
  | { readonly verb: 'delete'; readonly adopt: boolean; readonly force: boolean };

function assertOurs(vmid: number, guest: ObservedGuest, verb: string): void {
  if (guest.marker !== undefined) return;
  throw new PhoenixError({
    code: 'PHOENIX_NOT_OURS',
    message: `${vmid} is the ${guest.kind} "${guest.name ?? `VM ${vmid}`}" on node ${guest.node}, which does not carry Phoenix' marker.`,
    hint:
      verb === 'delete'
        ? 'Delete it with `--adopt`, or by hand.'
        : 'Take it over first: `phoenix orchestrate --adopt`.',
    details: { vmid },
  });
}

function assertPower(guest: ObservedGuest, verb: string): void {
  if (!guest.template) return;
  throw new PhoenixError({
    code: 'PHOENIX_REPLACE_NEEDED',
    message: `${guest.vmid} (${guest.name ?? ''}) is a template; templates are neither started nor stopped.`,
    hint: `Name guests that can be ${verb === 'stop' ? 'stopped' : 'started'}.`,
    details: { vmid: guest.vmid },
  });
}

type Sketch = readonly (readonly [
  step: StepName,
  kind: Action['kind'],
  title: string,
  input?: Action['input'],
])[];

function sketch(request: Request, guest: ObservedGuest): Sketch {
  const running = guest.status === 'running';
  switch (request.verb) {
    case 'start':
      return running ? [] : [['start', 'run', 'start'], ...awaitAnswer(guest)];
    case 'stop':
      return running
        ? [['stop', 'run', request.force ? 'stop at once' : 'shut down', { force: request.force }]]
        : [];
    case 'restart':
      return [
        ...(running
          ? [['reboot', 'run', 'restart', { always: true, force: request.force }] as const]
          : [['start', 'run', 'start'] as const]),
        ...awaitAnswer(guest),
      ];
    case 'delete':
      return [
        ...(running
          ? [['stop', 'run', request.force ? 'stop at once' : 'shut down', { force: request.force }] as const]
          : []),
        [
          'delete',
          'delete',
          'delete with all that belongs to it',
          { node: guest.node, adopt: request.adopt, unprotect: false },
        ],
      ];
  }
}

function awaitAnswer(guest: ObservedGuest): Sketch {
  const title = requireKind(guest.kind).answersWith(guest);
  return title === undefined ? [] : [['wait-agent', 'run', title]];
}

function assertDeletable(inventory: Inventory, guest: ObservedGuest, targets: ReadonlySet<number>): void {
  if (Number(guest.config.protection ?? 0) === 1) {
    throw new PhoenixError({
      code: 'PHOENIX_PROTECTED',
      message: `${guest.vmid} (${guest.name ?? ''}) is protected against removal.`,
      hint: 'Set `protection` to false and orchestrate it, then delete it.',
      details: { vmid: guest.vmid },
    });
  }
  if (!guest.template) return;
  const clones = listLinkedClones(inventory, guest.vmid).filter((clone) => !targets.has(clone.vmid));
  if (clones.length === 0) return;
  const names = clones.map((clone) => `${clone.vmid} (${clone.name ?? `VM ${clone.vmid}`})`).join(', ');
  throw new PhoenixError({
    code: 'PHOENIX_HAS_CLONES',
    message: `${guest.vmid} (${guest.name ?? ''}) cannot be deleted: its disk is used by the linked clone${clones.length === 1 ? '' : 's'} ${names}.`,
    hint: 'Delete the linked clones first, or name them too.',
    details: { vmid: guest.vmid, clones: clones.map((clone) => clone.vmid) },
  });
}

/** What must be done before a guest: what it rests on for starting, what rests on it for stopping and deleting. */
function beforeOf(
  config: Config,
  inventory: Inventory,
  vmid: number,
  targets: ReadonlySet<number>,
  verb: Request['verb'],
): readonly number[] {
  const prerequisites = (id: number) => {
    const declared = findByVmid(config.guests, id);
    return declared === undefined
      ? []
      : verb === 'delete'
        ? listPrerequisites(declared)
        : declared.dependencies;
  };
  if (verb === 'start' || verb === 'restart') return prerequisites(vmid).filter((id) => targets.has(id));
  const resting = [...targets].filter((id) => id !== vmid && prerequisites(id).includes(vmid));
  const linked =
    verb === 'delete'
      ? listLinkedClones(inventory, vmid)
          .map((clone) => clone.vmid)
          .filter((id) => targets.has(id))
      : [];
  return [...new Set([...resting, ...linked])];
}

function order(ids: readonly number[], before: (vmid: number) => readonly number[]): readonly number[] {
  const ordered = new Set<number>();
  const entered = new Set<number>();
  const visit = (vmid: number) => {
    if (entered.has(vmid)) return;
    entered.add(vmid);
    for (const id of before(vmid)) visit(id);
    ordered.add(vmid);
  };
  for (const vmid of [...ids].sort((left, right) => left - right)) visit(vmid);
  return [...ordered];
}

/**
 * Plans what was asked of guests as they are: power and deletion. Pure. Guests that are as asked for already have no actions.
 * @throws {PhoenixError} `PHOENIX_NOT_OURS`, `PHOENIX_HAS_CLONES`, `PHOENIX_PROTECTED`, `PHOENIX_GUEST_GONE` for a guest that must exist
 */
export function planRequested(
  config: Config,
  inventory: Inventory,
  vmids: readonly number[],
  request: Request,
): Plan {
  const targets = new Set(vmids);
  const before = (vmid: number) => beforeOf(config, inventory, vmid, targets, request.verb);
  const guests: GuestPlan[] = [];
  const last = new Map<number, string>();
  for (const vmid of order([...targets], before)) {
    const declared = findByVmid(config.guests, vmid);
    const guest = inventory.guests[String(vmid)];
    const name = guest?.name ?? declared?.name ?? String(vmid);
    if (guest === undefined && request.verb !== 'delete' && request.verb !== 'stop') {
      throw new PhoenixError({
        code: 'PHOENIX_GUEST_GONE',
        message: `${vmid} (${name}) does not exist on the cluster.`,
        hint: `Make it first: \`phoenix orchestrate ${vmid}\`.`,
        details: { vmid },
      });
    }
    if (guest !== undefined) {
      if (request.verb !== 'delete') assertPower(guest, request.verb);
      if (!(request.verb === 'delete' && request.adopt)) assertOurs(vmid, guest, request.verb);
      if (request.verb === 'delete') assertDeletable(inventory, guest, targets);
    }
    const actions: Action[] = [];
    for (const [step, kind, title, input] of guest === undefined ? [] : sketch(request, guest)) {
      const previous = actions.at(-1);
      const dependsOn =
        previous === undefined ? before(vmid).flatMap((id) => last.get(id) ?? []) : [previous.id];
      actions.push({
        id: `${vmid}/${step}`,
        vmid,
        step,
        kind,
        reason: 'requested',
        title,
        changes: [],
        dependsOn,
        input: input ?? {},
      });
    }
    const end = actions.at(-1);
    if (end !== undefined) last.set(vmid, end.id);
    guests.push({
      vmid,
      name,
      guestKind: guest?.kind ?? declared?.kind ?? 'machine',
      node: guest?.node ?? '',
      kind: end === undefined ? 'none' : request.verb === 'delete' ? 'delete' : 'run',
      reason: end === undefined ? 'in-sync' : 'requested',
      role: 'target',
      actions,
      drift: [],
      notices:
        guest === undefined ? [{ code: 'missing', message: `${vmid} (${name}) does not exist.`, vmid }] : [],
      observed: digestObserved(inventory, vmid),
    });
  }
  return {
    format: 'phoenix-plan',
    version: 1,
    configDigest: digestDeclarations(config, targets),
    targets: [...targets].sort((left, right) => left - right),
    shared: [],
    guests,
    notices: [],
  };
}
