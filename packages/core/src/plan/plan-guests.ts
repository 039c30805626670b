import { createHash } from 'node:crypto';
import type { Config, DeclaredGuest } from '../config/model.js';
import type { GuestDraft, GuestKind, GuestMaterials, PlanPolicy } from '../kinds/guest-kind.js';
import type { Inventory } from '../observe/inventory.js';
import { digestOf } from './digest-of.js';
import type { Action, GuestPlan, Notice, Plan } from './plan.js';
import { listPrerequisites, selectTargets, selectWithPrerequisites } from './select-guests.js';

/** Everything a plan follows from. Equal input gives an equal plan. */
export interface PlanInput {
  readonly config: Config;
  readonly inventory: Inventory;
  readonly targets: readonly number[] | 'all';
  /** By vmid; a guest without an entry has no features and no seed. */
  readonly materials: ReadonlyMap<number, GuestMaterials>;
  readonly policy: PlanPolicy;
  readonly kinds: readonly GuestKind[];
}

const noMaterials: GuestMaterials = { features: [] };

/** Digest of what was observed of one guest: equal as long as nobody changed it. */
export function digestObserved(inventory: Inventory, vmid: number): string {
  const guest = inventory.guests[String(vmid)];
  if (guest === undefined) return 'missing';
  return [guest.digest, guest.node, guest.status, guest.template, guest.lock ?? ''].join(' ');
}

/** Whether a prerequisite still has to be worked on before others can rest on it. */
function isUnfinished(inventory: Inventory, guest: DeclaredGuest): boolean {
  const observed = inventory.guests[String(guest.vmid)];
  if (observed === undefined) return true;
  if (guest.isTemplate && !observed.template && observed.marker !== undefined) return true;
  return observed.marker !== undefined && !observed.template && observed.marker.stage !== 'ready';
}

function draftGuest(input: PlanInput, declared: DeclaredGuest): GuestDraft {
  for (const kind of input.kinds) {
    if (!kind.accepts(declared)) continue;
    const materials = input.materials.get(declared.vmid) ?? noMaterials;
    return kind.plan({
      declared,
      config: input.config,
      inventory: input.inventory,
      materials,
      policy: input.policy,
    });
  }
  throw new TypeError(`no kind accepts guest ${declared.vmid}`);
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
  // From the targets down: a prerequisite counts only if something that is worked on needs it.
  for (const guest of [...ordered].reverse()) {
    if (!needed.has(guest.vmid)) continue;
    for (const vmid of listPrerequisites(guest)) {
      const prerequisite = ordered.find((candidate) => candidate.vmid === vmid);
      const isSourceOnly = guest.cloneFrom?.vmid === vmid && !guest.dependencies.includes(vmid);
      const cloned = isSourceOnly && input.inventory.guests[String(guest.vmid)]?.marker !== undefined;
      if (prerequisite !== undefined && !cloned && isUnfinished(input.inventory, prerequisite))
        needed.add(vmid);
    }
  }
  for (const declared of ordered) {
    if (!needed.has(declared.vmid)) continue;
    const draft = draftGuest(input, declared);
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
  const planned = new Set(guests.map((guest) => guest.vmid));
  return {
    format: 'phoenix-plan',
    version: 1,
    configDigest: digestDeclarations(input.config, planned),
    targets: [...asked].sort((left, right) => left - right),
    policy: input.policy,
    shared: [...shared.values()],
    guests,
    notices,
  };
}

/** Digest of the declarations of some guests; where they stand in their file does not count. */
export function digestDeclarations(config: Config, vmids: ReadonlySet<number>): string {
  return digestOf(config.guests.filter((guest) => vmids.has(guest.vmid)).map(digestDeclaration));
}

function digestDeclaration(guest: DeclaredGuest): string {
  const text = JSON.stringify(guest, (key, value: unknown) =>
    key === 'position' || key === 'positions' ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
