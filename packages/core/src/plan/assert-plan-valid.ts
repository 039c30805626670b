import { type Action, type GuestPlan, listActions, type Plan, stepNameSchema } from './plan.js';

type Complain = (problem: string) => void;

/** Steps in the order in which a guest's work goes; `reboot` may stand in for `start`. */
const stepOrder = new Map(stepNameSchema.options.map((step, index) => [step, index]));

function checkGuests(plan: Plan, complain: Complain): void {
  const seen = new Set<number>();
  const targets = new Set(plan.targets);
  for (const guest of plan.guests) {
    if (seen.has(guest.vmid)) complain(`guest ${guest.vmid} occurs twice`);
    seen.add(guest.vmid);
    if ((guest.kind === 'none') !== (guest.actions.length === 0))
      complain(`guest ${guest.vmid} is ${guest.kind} with ${guest.actions.length} actions`);
    if ((guest.reason === 'in-sync') !== (guest.actions.length === 0))
      complain(`guest ${guest.vmid} gives ${guest.reason} with ${guest.actions.length} actions`);
    if ((guest.role === 'target') !== targets.has(guest.vmid))
      complain(
        `guest ${guest.vmid} is a ${guest.role} and ${targets.has(guest.vmid) ? '' : 'not '}asked for`,
      );
    checkOwnership(plan, guest, complain);
    let previous: Action | undefined;
    for (const action of guest.actions) {
      if (action.vmid !== guest.vmid) complain(`action ${action.id} stands under guest ${guest.vmid}`);
      if (previous !== undefined) {
        if (!action.dependsOn.includes(previous.id))
          complain(`action ${action.id} does not wait for ${previous.id}: two writers of one guest`);
        const order = (step: Action['step']) =>
          step === 'stop' || step === 'delete' ? -1 : (stepOrder.get(step) ?? 0);
        if (order(action.step) < order(previous.step) && order(action.step) >= 0)
          complain(`action ${action.id} comes after ${previous.id}`);
      }
      for (const change of action.changes) {
        if (change.declared === change.live)
          complain(`action ${action.id} changes ${change.key} to what it is`);
      }
      previous = action;
    }
  }
  for (const vmid of plan.targets) if (!seen.has(vmid)) complain(`target ${vmid} is not planned`);
}

/** What makes, deletes and claims guests stands where nothing is lost by it, and only where it was allowed. */
function checkOwnership(plan: Plan, guest: GuestPlan, complain: Complain): void {
  const { vmid, actions } = guest;
  const place = (step: Action['step']) => actions.findIndex((action) => action.step === step);
  const deleted = place('delete');
  const made = actions.findIndex((action) => action.step === 'create' || action.step === 'clone');
  const replaced = deleted >= 0 && made >= 0;
  if (made >= 0 && made !== (deleted >= 0 ? deleted + 1 : 0))
    complain(`guest ${vmid} is worked on before it is made`);
  if (actions.filter((action) => action.step === 'create' || action.step === 'clone').length > 1)
    complain(`guest ${vmid} is made twice`);
  if (made >= 0 && !replaced && guest.observed !== 'missing' && actions[made]?.reason !== 'unfinished')
    complain(`guest ${vmid} is made although there is one`);
  if ((guest.kind === 'replace') !== replaced) complain(`guest ${vmid} is ${guest.kind} by other actions`);
  if (deleted >= 0 && guest.observed === 'missing')
    complain(`guest ${vmid} is deleted although there is none`);
  if (place('adopt') > 0) complain(`guest ${vmid} is worked on before it is claimed`);
  // Plans of what was asked for by name, such as deletions, have no policy.
  if (plan.policy === undefined) return;
  if (deleted >= 0 && !(replaced && plan.policy.allowReplace)) complain(`guest ${vmid} may not be deleted`);
  if (place('adopt') >= 0 && !plan.policy.adopt) complain(`guest ${vmid} may not be adopted`);
  const left = plan.policy.correctDrift ? [] : guest.drift.map((change) => change.key);
  for (const change of actions.flatMap((action) => action.changes))
    if (left.includes(change.key)) complain(`guest ${vmid}: drift of ${change.key} is not left alone`);
}

/** Shared work belongs to no guest and is done for somebody. */
function checkShared(plan: Plan, complain: Complain): void {
  const needed = new Set(plan.guests.flatMap((guest) => guest.actions.flatMap((action) => action.dependsOn)));
  for (const action of plan.shared) {
    if (action.vmid !== undefined) complain(`shared action ${action.id} belongs to guest ${action.vmid}`);
    if (!needed.has(action.id)) complain(`nobody needs the shared action ${action.id}`);
  }
}

function checkOrder(plan: Plan, complain: Complain): void {
  const done = new Set<string>();
  for (const action of listActions(plan)) {
    if (done.has(action.id)) complain(`action ${action.id} occurs twice`);
    for (const id of action.dependsOn)
      if (!done.has(id)) complain(`action ${action.id} needs ${id}, which does not come before it`);
    done.add(action.id);
  }
}

/**
 * Checks a plan by itself, without the planner: order, one writer per guest, no change to what already is, nothing made over what is there,
 * nothing deleted, claimed or set back that the plan's own policy does not allow. The shape of a plan that comes from elsewhere is
 * `planSchema`'s.
 * @throws {TypeError} naming every violation; a plan that fails here is a bug, or was edited by hand.
 */
export function assertPlanValid(plan: Plan): void {
  const problems: string[] = [];
  checkGuests(plan, (problem) => problems.push(problem));
  checkShared(plan, (problem) => problems.push(problem));
  checkOrder(plan, (problem) => problems.push(problem));
  if (problems.length > 0) throw new TypeError(`invalid plan: ${problems.join('; ')}`);
}
