import type { DeclaredGuest } from '../config/model.js';
import type { Inventory } from '../observe/inventory.js';
import { isBeingMade } from '../observe/is-being-made.js';
import { digestDeclarations } from './digest-declarations.js';
import { type DraftInput, draftGuest } from './draft-guest.js';
import type { EarlyDrafts } from './early-drafts.js';
import type { Action, GuestPlan, Notice, Plan } from './plan.js';
import { listPrerequisites, selectTargets, selectWithPrerequisites } from './select-guests.js';

/** Everything a plan follows from. Equal input gives an equal plan. */
export interface PlanInput extends DraftInput {
  readonly inventory: Inventory;
  readonly targets: readonly number[] | 'all';
  /** Drafts of the same input that were made while the inventory was being read: less work, the same plan. */
  readonly drafts?: EarlyDrafts;
}

/** Digest of what was observed of one guest: equal as long as nobody changed it. */
export function digestObserved(inventory: Inventory, vmid: number): string {
  const guest = inventory.guests[String(vmid)];
  if (guest === undefined) return 'missing';
  return `${guest.digest} ${guest.node} ${guest.status} ${guest.template} ${guest.lock ?? ''}`;
}

/** Whether a prerequisite still has to be worked on before others can rest on it. */
function isUnfinished(inventory: Inventory, guest: DeclaredGuest): boolean {
  const observed = inventory.guests[String(guest.vmid)];
  if (observed === undefined || isBeingMade(observed)) return true;
  if (guest.isTemplate && !observed.template && observed.marker !== undefined) return true;
  return observed.marker !== undefined && !observed.template && observed.marker.stage !== 'ready';
}

/** The action of a guest that its prerequisites must precede: the clone for its source, the first one that needs it running for the others. */
function waitsFor(
  actions: readonly Action[],
  declared: DeclaredGuest,
  prerequisite: number,
): Action | undefined {
  if (declared.cloneFrom?.vmid === prerequisite) {
    const clone = actions.find((action) => action.step === 'clone');
    if (clone !== undefined) return clone;
    if (!declared.dependencies.includes(prerequisite)) return undefined;
  }
  return actions.find((action) => action.step === 'start' || action.step === 'reboot') ?? actions[0];
}

function connect(
  declared: DeclaredGuest,
  actions: readonly Action[],
  lastActions: ReadonlyMap<number, string>,
): Action[] {
  if (actions.length === 0) return [];
  const added = new Map<string, string[]>();
  for (const prerequisite of listPrerequisites(declared)) {
    const last = lastActions.get(prerequisite);
    const action = last === undefined ? undefined : waitsFor(actions, declared, prerequisite);
    if (last !== undefined && action !== undefined)
      added.set(action.id, [...(added.get(action.id) ?? []), last]);
  }
  return actions.map((action) => ({
    ...action,
    dependsOn: [...new Set([...action.dependsOn, ...(added.get(action.id) ?? [])])],
  }));
}

/**
 * Plans what has to happen so that the targets are as declared. Pure: no I/O, clock or randomness.
 * Guests that a target rests on are planned along when they are missing or unfinished.
 * @throws {PhoenixError} for what can never work; nothing was changed then.
 */
export function planGuests(input: PlanInput): Plan {
  const targets = selectTargets(input.config, input.targets);
  const asked = new Set(targets.map((guest) => guest.vmid));
  const shared = new Map<string, Action>();
  const lastActions = new Map<number, string>();
  const guests: GuestPlan[] = [];
  const notices: Notice[] = [];
  const needed = new Set<number>(asked);
  const ordered = selectWithPrerequisites(input.config, targets);
  const byId = new Map(ordered.map((guest) => [guest.vmid, guest]));
  // From the targets down: a prerequisite counts only if something that is worked on needs it.
  for (const guest of [...ordered].reverse()) {
    if (!needed.has(guest.vmid)) continue;
    for (const vmid of listPrerequisites(guest)) {
      const prerequisite = byId.get(vmid);
      const isSourceOnly = guest.cloneFrom?.vmid === vmid && !guest.dependencies.includes(vmid);
      const cloned = isSourceOnly && input.inventory.guests[String(guest.vmid)]?.marker !== undefined;
      if (prerequisite !== undefined && !cloned && isUnfinished(input.inventory, prerequisite))
        needed.add(vmid);
    }
  }
  for (const declared of ordered) {
    if (!needed.has(declared.vmid)) continue;
    const draft = input.drafts?.get(declared.vmid) ?? draftGuest(input, input.inventory, declared);
    for (const action of draft.shared) if (!shared.has(action.id)) shared.set(action.id, action);
    const actions = connect(declared, draft.actions, lastActions);
    const last = actions.at(-1);
    if (last !== undefined) lastActions.set(declared.vmid, last.id);
    const role = asked.has(declared.vmid) ? 'target' : 'dependency';
    guests.push({
      vmid: declared.vmid,
      name: declared.name,
      guestKind: declared.kind,
      node: draft.node,
      kind: draft.kind,
      reason: draft.reason,
      role,
      actions,
      drift: [...draft.drift],
      notices: [...draft.notices],
      observed: digestObserved(input.inventory, declared.vmid),
    });
    if (role === 'dependency') {
      notices.push({
        code: 'dependency',
        message: `${declared.vmid} (${declared.name}) is included because a target needs it first.`,
        vmid: declared.vmid,
      });
    }
  }
  return {
    format: 'phoenix-plan',
    version: 1,
    configDigest: digestDeclarations(
      input.config,
      guests.map((guest) => guest.vmid),
    ),
    targets: [...asked].sort((left, right) => left - right),
    policy: input.policy,
    shared: [...shared.values()],
    guests,
    notices,
  };
}
