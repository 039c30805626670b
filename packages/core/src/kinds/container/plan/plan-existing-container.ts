import type { DeclaredContainer } from '../../../config/model.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import { digestOf } from '../../../plan/digest-of.js';
import type { Change, Reason } from '../../../plan/plan.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { isStaleTemplate } from '../../is-stale-template.js';
import { noticeSource } from '../../notice-source.js';
import { noticeUnasked } from '../../notice-unasked.js';
import { planAdoption } from '../../plan-adoption.js';
import { planSurroundings } from '../../plan-surroundings.js';
import { compareContainer, listApplied } from '../compare-container.js';
import { listContainerVolumes } from '../container-volume.js';
import { assertSnapshots } from './assert-snapshots.js';
import { planFinish, planProvisioning } from './plan-provisioning.js';

type DraftedContainer = DraftedGuest<DeclaredContainer>;
const gib = 2 ** 30;

/** Volumes that are smaller than declared; larger ones are mentioned in a notice, since they never shrink. */
function listGrowth(draft: DraftedContainer, guest: ObservedGuest): readonly Change[] {
  const { declared } = draft.input;
  const wanted = new Map<string, number>();
  if (declared.diskGib !== undefined) wanted.set('rootfs', declared.diskGib);
  for (const point of declared.mountPoints)
    if (point.sizeGib !== undefined) wanted.set(point.slot, point.sizeGib);
  const changes: Change[] = [];
  for (const { slot, bytes } of listContainerVolumes(guest.config)) {
    const size = wanted.get(slot);
    if (size === undefined || bytes === undefined || bytes === size * gib) continue;
    const key = slot === 'rootfs' ? 'storage_size_gb' : slot;
    if (bytes < size * gib)
      changes.push({ key, declared: size, live: Math.round((bytes / gib) * 100) / 100, takesEffect: 'now' });
    else
      draft.notice(
        'disk-larger',
        `${key} of ${guest.vmid} is ${bytes / gib} GiB, more than the declared ${size}: volumes never shrink, it stays so.`,
      );
  }
  return changes;
}

function noticeReadOnly(draft: DraftedContainer, guest: ObservedGuest): void {
  const { declared } = draft.input;
  const live = Number(guest.config.unprivileged ?? 0) === 1;
  if (live === declared.unprivileged) return;
  draft.notice(
    'read-only',
    `${guest.vmid} (${declared.name}) is ${live ? 'unprivileged' : 'privileged'} and declared the other way; Proxmox VE changes that only when a container is made. It stays so.`,
  );
}

/** Plans a container that exists: what differs, then what is missing until it is finished. */
export function planExistingContainer(draft: DraftedContainer, guest: ObservedGuest): void {
  const { declared, policy, materials } = draft.input;
  const { marker } = guest;
  noticeReadOnly(draft, guest);
  noticeSource(draft);
  assertSnapshots(draft, { node: guest.node, guest });
  const all = compareContainer(declared, guest);
  for (const difference of all) if (difference.drift) draft.drift.push(difference.change);
  const differences = policy.correctDrift ? all : all.filter((difference) => !difference.drift);
  planAdoption(draft, guest);
  if (differences.length > 0) {
    const onlyDrift = differences.every((difference) => difference.drift);
    const reason: Reason = marker === undefined ? 'adopted' : onlyDrift ? 'drift' : 'config-changed';
    draft.add(
      'configure',
      'update',
      reason,
      differences.map((difference) => difference.change.key).join(', '),
      {
        changes: differences.map((difference) => difference.change),
        input: { digest: guest.digest },
      },
    );
  } else if (marker?.stage === 'made' && digestOf(marker.applied) !== digestOf(listApplied(declared, guest)))
    draft.add('configure', 'update', 'unfinished', 'hardware, network, tags');
  if (guest.template) {
    noticeUnasked(draft, guest);
    if (isStaleTemplate(guest, materials)) {
      draft.notice(
        'template-stale',
        `The declaration of template ${declared.vmid} (${declared.name}) has other features than it was built with: a template cannot be changed inside. Delete it and orchestrate again.`,
      );
    }
    return;
  }
  const growth = listGrowth(draft, guest);
  if (growth.length > 0) {
    const title = growth.map((change) => `${change.key} ${change.live} → ${change.declared} GiB`).join(', ');
    draft.add('grow-disk', 'update', 'disk-too-small', title, { changes: growth });
  }
  planSurroundings(draft, guest);
  if (declared.isTemplate && marker?.stage === 'sealed') {
    if (guest.status === 'running') draft.add('shutdown', 'run', 'not-a-template', 'shut down');
    draft.add('convert', 'update', 'not-a-template', 'convert to a template');
    return;
  }
  if (marker !== undefined && marker.stage !== 'ready') {
    planProvisioning(draft, 'unfinished', { started: guest.status === 'running' });
    planFinish(draft, 'unfinished');
    return;
  }
  planReadyContainer(draft, guest);
}

function planReadyContainer(draft: DraftedContainer, guest: ObservedGuest): void {
  const { declared, policy, materials } = draft.input;
  const running = guest.status === 'running';
  const waiting = new Set([
    ...Object.keys(guest.pending),
    ...draft.actions.flatMap((action) =>
      action.changes.filter((change) => change.takesEffect === 'next-cold-start').map((change) => change.key),
    ),
  ]);
  const names = [...waiting].join(', ');
  const reboot =
    running && waiting.size > 0 && (policy.reboot ?? declared.reboot ?? 'never') === 'if-pending';
  if (reboot) draft.add('reboot', 'run', 'reboot-pending', `restart for ${names}`);
  else if (running && waiting.size > 0) {
    draft.notice(
      'reboot-pending',
      `${names} of ${guest.vmid} (${declared.name}) will take effect at the next start: \`phoenix restart ${guest.vmid}\`.`,
    );
  }
  const changed = guest.marker?.features !== materials.featuresDigest;
  const asked = policy.checkFeatures && materials.features.length > 0;
  const reason: Reason =
    guest.marker === undefined
      ? 'adopted'
      : changed
        ? 'features-changed'
        : declared.isTemplate
          ? 'not-a-template'
          : 'unknown';
  if (!changed) noticeUnasked(draft, guest);
  if (changed || declared.isTemplate || asked) {
    planProvisioning(draft, reason, { started: running });
    planFinish(draft, reason);
    return;
  }
  if (!running && declared.leaveStopped !== true) draft.add('start', 'run', 'stopped', 'start');
  const snapshotMissing = declared.templateSnapshotName !== undefined && guest.config.parent === undefined;
  if (snapshotMissing) planFinish(draft, 'snapshot-missing');
}
