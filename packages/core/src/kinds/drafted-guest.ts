import type { DeclaredGuest } from '../config/model.js';
import type { Action, Change, Notice, Reason, StepName } from '../plan/plan.js';
import type { GuestDraft, PlanGuestInput } from './guest-kind.js';

/** The plan of one guest while it is put together: every action added waits for the one before it. */
export class DraftedGuest<Declared extends DeclaredGuest> {
  readonly shared: Action[] = [];
  readonly actions: Action[] = [];
  readonly notices: Notice[] = [];
  readonly drift: Change[] = [];

  constructor(readonly input: PlanGuestInput<Declared>) {}

  get vmid(): number {
    return this.input.declared.vmid;
  }

  notice(code: string, message: string): void {
    this.notices.push({ code, message, vmid: this.vmid });
  }

  add(
    step: StepName,
    kind: Action['kind'],
    reason: Reason,
    title: string,
    more: {
      readonly changes?: readonly Change[];
      readonly input?: Action['input'];
      readonly after?: readonly string[];
    } = {},
  ): void {
    const previous = this.actions.at(-1);
    this.actions.push({
      id: `${this.vmid}/${step}`,
      vmid: this.vmid,
      step,
      kind,
      reason,
      title,
      changes: [...(more.changes ?? [])],
      dependsOn: [...(previous === undefined ? [] : [previous.id]), ...(more.after ?? [])],
      input: more.input ?? {},
    });
  }

  /** The finished draft. The guest as a whole is what weighs most of its actions. */
  summarise(node: string, reason: Reason): GuestDraft {
    const { actions, shared, drift, notices } = this;
    return {
      node,
      kind: kindOf(actions),
      reason: actions.length === 0 ? 'in-sync' : reason,
      shared,
      actions,
      drift,
      notices,
    };
  }
}

function kindOf(actions: readonly Action[]): Action['kind'] {
  if (actions.length === 0) return 'none';
  const kinds = new Set(actions.map((action) => action.kind));
  if (kinds.has('replace')) return 'replace';
  if (actions.some((action) => action.step === 'create' || action.step === 'clone')) return 'create';
  if (kinds.has('update') || kinds.has('create')) return 'update';
  return kinds.has('run') ? 'run' : 'none';
}
