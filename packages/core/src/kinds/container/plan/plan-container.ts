import type { DeclaredContainer } from '../../../config/model.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import { isBeingMade } from '../../../observe/is-being-made.js';
import { findByVmid } from '../../../plan/find-by-vmid.js';
import type { Reason } from '../../../plan/plan.js';
import { DraftedGuest } from '../../drafted-guest.js';
import type { GuestDraft, PlanGuestInput } from '../../guest-kind.js';
import { planExistingContainer } from './plan-existing-container.js';
import { planNewContainer } from './plan-new-container.js';

function notOurs(declared: DeclaredContainer, guest: ObservedGuest): PhoenixError {
  const same = guest.name === declared.name;
  return new PhoenixError({
    code: 'PHOENIX_NOT_OURS',
    message: `${declared.vmid} is already taken by the ${guest.kind} "${guest.name ?? guest.vmid}" on node ${guest.node}, which does not carry Phoenix' marker${same ? ' although its name is the declared one' : `; declared is "${declared.name}"`}.`,
    hint:
      guest.kind === 'container'
        ? 'Give the container another id, or take the existing one over with `--adopt`.'
        : 'Give the container another id.',
    details: { vmid: declared.vmid, name: guest.name },
  });
}

/** What is declared and cannot be set, or not by a token, and is not so already: said before anything is done. */
function noticeEscapeHatches(draft: DraftedGuest<DeclaredContainer>, guest: ObservedGuest | undefined): void {
  const { declared } = draft.input;
  if (declared.lxcOptions.length > 0) {
    draft.notice(
      'lxc-options',
      `${declared.lxcOptions.map((option) => option.key).join(', ')} of ${declared.vmid} (${declared.name}): raw lxc.* lines cannot be set through the API; add them to /etc/pve/lxc/${declared.vmid}.conf on the node.`,
    );
  }
  const owned = declared.mountPoints.filter(
    ({ ownerUid, ownerGid }) => ownerUid !== undefined || ownerGid !== undefined,
  );
  if (owned.length > 0) {
    draft.notice(
      'mount-owner',
      `owner_uid and owner_gid of ${owned.map((point) => `${point.slot} (${point.path})`).join(', ')} of ${declared.vmid} (${declared.name}) are not set: Proxmox VE has no key for them. Set the owner in a feature, or on the node where it is a directory of the node.`,
    );
  }
  const rootOnly = [
    ...declared.mountPoints
      .filter((point) => point.source?.startsWith('/') === true && guest?.config[point.slot] === undefined)
      .map((point) => `${point.slot} (bind mount)`),
    ...(declared.nesting === true && !declared.unprivileged && guest?.config.features !== 'nesting=1'
      ? ['nesting (of a privileged container)']
      : []),
    ...declared.pveOptions
      .filter(
        ({ key, value }) =>
          String(guest?.config[key]) !== String(value) &&
          (/^(hookscript|dev\d+)$/.test(key) ||
            (key === 'features' && !/^nesting=[01]$/.test(String(value)))),
      )
      .map(({ key }) => key),
  ];
  if (rootOnly.length > 0) {
    draft.notice(
      'root-only',
      `${rootOnly.join(', ')} of ${declared.vmid} (${declared.name}) can be set by root@pam itself only, not by an API token: Proxmox VE will refuse it.`,
    );
  }
}

/** Plans one container: pure, see `GuestKind.plan`. */
export function planContainer(input: PlanGuestInput<DeclaredContainer>): GuestDraft {
  const { declared, inventory, policy } = input;
  const draft = new DraftedGuest(input);
  const row = findByVmid(inventory.resources, declared.vmid);
  const guest = inventory.guests[String(declared.vmid)];
  noticeEscapeHatches(draft, guest);
  if (row === undefined || guest === undefined || isBeingMade(guest)) {
    const reason: Reason = row === undefined ? 'missing' : 'unfinished';
    return draft.summarise(planNewContainer(draft, reason), reason);
  }
  if (guest.kind !== 'container' || (guest.marker === undefined && !policy.adopt))
    throw notOurs(declared, guest);
  if (guest.template && !declared.isTemplate) {
    throw new PhoenixError({
      code: 'PHOENIX_REPLACE_NEEDED',
      message: `${declared.vmid} (${declared.name}) is a template on the cluster and declared as a container; a template cannot become a container again.`,
      hint: 'Set `is_template`, or delete the template and orchestrate again.',
      details: { vmid: declared.vmid },
    });
  }
  planExistingContainer(draft, guest);
  return draft.summarise(guest.node, draft.actions[0]?.reason ?? 'in-sync');
}
