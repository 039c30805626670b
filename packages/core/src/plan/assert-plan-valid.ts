import { type Action, listActions, type Plan, planSchema, stepNameSchema } from './plan.js';

/** Steps in the order in which a guest's work goes; `reboot` may stand in for `start`. */
const stepOrder = new Map(stepNameSchema.options.map((step, index) => [step, index]));

function checkGuests(plan: Plan, complain: (problem: string) => void): void {
  const seen = new Set<number>();
  for (const guest of plan.guests) {
    if (seen.has(guest.vmid)) complain(`guest ${guest.vmid} occurs twice`);
    seen.add(guest.vmid);
    if ((guest.kind === 'none') !== (guest.actions.length === 0))
      complain(`guest ${guest.vmid} is ${guest.kind} with ${guest.actions.length} actions`);
    if ((guest.reason === 'in-sync') !== (guest.actions.length === 0))
      complain(`guest ${guest.vmid} gives ${guest.reason} with ${guest.actions.length} actions`);
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

function checkOrder(plan: Plan, complain: (problem: string) => void): void {
  const done = new Set<string>();
  for (const action of listActions(plan)) {
    if (done.has(action.id)) complain(`action ${action.id} occurs twice`);
    for (const id of action.dependsOn)
      if (!done.has(id)) complain(`action ${action.id} needs ${id}, which does not come before it`);
    done.add(action.id);
  }
}

/**
 * Checks a plan by itself, without the planner: shape, order, one writer per guest, no change to what already is.
 * @throws {TypeError} naming every violation; a plan that fails here is a bug, or was edited by hand.
 */
export function assertPlanValid(plan: Plan): void {
  const problems: string[] = [];
  const parsed = planSchema.safeParse(plan);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  else {
    checkGuests(plan, (problem) => problems.push(problem));
    checkOrder(plan, (problem) => problems.push(problem));
  }
  if (problems.length > 0) throw new TypeError(`invalid plan: ${problems.join('; ')}`);
}
