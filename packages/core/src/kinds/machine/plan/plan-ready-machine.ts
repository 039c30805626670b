import type { DeclaredMachine } from '../../../config/model.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import type { Reason } from '../../../plan/plan.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { noticeUnasked } from '../../notice-unasked.js';
import { planFinish, planProvisioning } from './plan-provisioning.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;

/** Plans a finished machine: restarts that were allowed, a start, features that changed, a snapshot that is missing. */
export function planReadyMachine(draft: DraftedMachine, guest: ObservedGuest, seedChanged: boolean): void {
  const { declared, materials, policy } = draft.input;
  const { marker } = guest;
  const waiting = [
    ...Object.keys(guest.pending),
    ...draft.actions.flatMap((action) =>
      action.changes.filter((change) => change.takesEffect === 'next-cold-start').map((change) => change.key),
    ),
  ];
  const running = guest.status === 'running';
  // A new seed waits for a start, too, but nothing is pending for it: by itself it restarts nothing.
  const pending = waiting.filter((key) => key !== 'seed');
  const reboot =
    running && pending.length > 0 && (policy.reboot ?? declared.reboot ?? 'never') === 'if-pending';
  if (running && waiting.length > 0 && !reboot) {
    draft.notice(
      'reboot-pending',
      `${[...new Set(waiting)].join(', ')} of ${guest.vmid} (${declared.name}) will take effect at the next cold start: \`phoenix restart ${guest.vmid}\`.`,
    );
  }
  if (reboot) draft.add('reboot', 'run', 'reboot-pending', `restart for ${[...new Set(waiting)].join(', ')}`);
  const featuresChanged = (marker?.features ?? undefined) !== materials.featuresDigest;
  const snapshotMissing =
    declared.templateSnapshotName !== undefined && guest.config.parent === undefined && !declared.isTemplate;
  const asked = policy.checkFeatures && materials.features.length > 0;
  const provision = featuresChanged || declared.isTemplate || asked;
  const start = !running && (provision || declared.leaveStopped !== true);
  if (start) draft.add('start', 'run', 'stopped', 'start');
  const reason: Reason =
    marker === undefined
      ? 'adopted'
      : featuresChanged
        ? 'features-changed'
        : declared.isTemplate
          ? 'not-a-template'
          : 'unknown';
  if (!featuresChanged) noticeUnasked(draft, guest);
  if (provision) {
    planProvisioning(draft, reason);
    planFinish(draft, reason);
    return;
  }
  // Nobody promised that an adopted machine has an agent.
  const promised = marker !== undefined && marker.from !== 'adopted';
  if (promised && (reboot || start)) {
    draft.add('wait-agent', 'run', running ? 'reboot-pending' : 'stopped', 'guest agent answers');
    if (seedChanged) draft.add('wait-cloud-init', 'run', 'seed-changed', 'cloud-init is done');
  }
  if (snapshotMissing) planFinish(draft, 'snapshot-missing');
}
