import type { DeclaredMachine } from '../../../config/model.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import { isBeingMade } from '../../../observe/is-being-made.js';
import { findByVmid } from '../../../plan/find-by-vmid.js';
import type { Reason } from '../../../plan/plan.js';
import { assertReplaceable } from '../../assert-replaceable.js';
import { DraftedGuest } from '../../drafted-guest.js';
import type { GuestDraft, PlanGuestInput } from '../../guest-kind.js';
import { needsReplacing } from './needs-replacing.js';
import { planExistingMachine } from './plan-existing-machine.js';
import { planNewMachine } from './plan-new-machine.js';

type MachineInput = PlanGuestInput<DeclaredMachine>;

function notOurs(declared: DeclaredMachine, guest: ObservedGuest): PhoenixError {
  const same = guest.name === declared.name;
  return new PhoenixError({
    code: 'PHOENIX_NOT_OURS',
    message: `${declared.vmid} is already taken by the ${guest.kind === 'machine' ? 'machine' : 'container'} "${guest.name ?? `VM ${guest.vmid}`}" on node ${guest.node}, which does not carry Phoenix' marker${same ? ' although its name is the declared one' : `; declared is "${declared.name}"`}.`,
    hint:
      guest.kind === 'machine'
        ? 'Give the machine another vmid, or take the existing one over with `--adopt`.'
        : 'Give the machine another vmid.',
    details: { vmid: declared.vmid, name: guest.name },
  });
}

/** Plans one machine: pure, see `GuestKind.plan`. */
export function planMachine(input: MachineInput): GuestDraft {
  const { declared, inventory, policy } = input;
  const draft = new DraftedGuest(input);
  const guest = inventory.guests[String(declared.vmid)];
  if (guest === undefined || isBeingMade(guest)) {
    const taken = findByVmid(inventory.resources, declared.vmid) !== undefined;
    const reason: Reason = taken ? 'unfinished' : 'missing';
    return draft.summarise(planNewMachine(draft, reason), reason);
  }
  if (guest.kind !== 'machine') throw notOurs(declared, guest);
  if (guest.marker === undefined && !policy.adopt) throw notOurs(declared, guest);
  if (guest.template && policy.allowReplace && guest.marker !== undefined && needsReplacing(draft, guest)) {
    assertReplaceable(inventory, guest);
    draft.add('delete', 'replace', 'source-changed', 'delete the template, to make it anew', {
      input: { node: guest.node },
    });
    return draft.summarise(planNewMachine(draft, 'source-changed'), 'source-changed');
  }
  if (guest.template && !declared.isTemplate) {
    throw new PhoenixError({
      code: 'PHOENIX_REPLACE_NEEDED',
      message: `${declared.vmid} (${declared.name}) is a template on the cluster and declared as a machine; a template cannot become a machine again.`,
      hint: 'Set `is_template`, delete the template and orchestrate again, or allow it with `--allow-replace`.',
      details: { vmid: declared.vmid },
    });
  }
  planExistingMachine(draft, guest);
  return draft.summarise(guest.node, draft.actions[0]?.reason ?? 'in-sync');
}
