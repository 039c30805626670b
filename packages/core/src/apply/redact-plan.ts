import type { Action, Change, Notice, Plan } from '../plan/plan.js';
import type { Redactor } from '../secrets/redactor.js';

/** Takes secrets out of the texts of a plan that come from declarations and guests. */
export function redactPlan(plan: Plan, redactor: Redactor): Plan {
  const clean = <T>(value: T): T | string => (typeof value === 'string' ? redactor.redact(value) : value);
  const cleanChange = (change: Change): Change => ({
    ...change,
    declared: clean(change.declared),
    live: clean(change.live),
    ...(change.lastApplied === undefined ? {} : { lastApplied: clean(change.lastApplied) }),
  });
  const cleanAction = (action: Action): Action => ({
    ...action,
    title: redactor.redact(action.title),
    changes: action.changes.map(cleanChange),
  });
  const cleanNotice = (notice: Notice): Notice => ({ ...notice, message: redactor.redact(notice.message) });
  return {
    ...plan,
    shared: plan.shared.map(cleanAction),
    notices: plan.notices.map(cleanNotice),
    guests: plan.guests.map((guest) => ({
      ...guest,
      actions: guest.actions.map(cleanAction),
      drift: guest.drift.map(cleanChange),
      notices: guest.notices.map(cleanNotice),
    })),
  };
}
