import type { DeclaredMachine } from '../../../config/model.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import { digestOf } from '../../../plan/digest-of.js';
import type { Reason } from '../../../plan/plan.js';
import type { KeyDifference } from '../../compare-keys.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { isStaleTemplate } from '../../is-stale-template.js';
import { noticeSource } from '../../notice-source.js';
import { noticeUnasked } from '../../notice-unasked.js';
import { planAdoption } from '../../plan-adoption.js';
import { planSurroundings } from '../../plan-surroundings.js';
import { compareMachine, listApplied } from '../compare-machine.js';
import { listDiskChanges } from './list-disk-changes.js';
import { noticeImage } from './notice-image.js';
import { planFinish, planProvisioning } from './plan-provisioning.js';
import { planReadyMachine } from './plan-ready-machine.js';
import { planSeedChange } from './plan-seed-change.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;

function planTemplate(
  draft: DraftedMachine,
  guest: ObservedGuest,
  differences: readonly KeyDifference[],
): void {
  const { declared, materials } = draft.input;
  if (differences.length > 0) addConfigure(draft, guest, differences);
  noticeUnasked(draft, guest);
  if (isStaleTemplate(guest, materials)) {
    draft.notice(
      'template-stale',
      `The declaration of template ${declared.vmid} (${declared.name}) has other features than it was built with: a template cannot be changed inside. Delete it and orchestrate again, or allow it with \`--allow-replace\`.`,
    );
  }
}

function addConfigure(
  draft: DraftedMachine,
  guest: ObservedGuest,
  differences: readonly KeyDifference[],
): void {
  const onlyDrift = differences.every((difference) => difference.drift);
  const reason: Reason = guest.marker === undefined ? 'adopted' : onlyDrift ? 'drift' : 'config-changed';
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
}

/** Whether the marker already names what is declared: a clone that was cut off may have it from its source by chance. */
function isRecorded(declared: DeclaredMachine, guest: ObservedGuest): boolean {
  return digestOf(guest.marker?.applied) === digestOf(listApplied(declared, guest));
}

/** Plans a machine that exists: what differs, then what is missing until it is finished. */
export function planExistingMachine(draft: DraftedMachine, guest: ObservedGuest): void {
  const { declared, policy } = draft.input;
  const { marker } = guest;
  noticeSource(draft);
  noticeImage(draft, guest);
  const all = compareMachine(declared, guest);
  for (const difference of all) if (difference.drift) draft.drift.push(difference.change);
  const differences = policy.correctDrift ? all : all.filter((difference) => !difference.drift);
  planAdoption(draft, guest);
  if (guest.template) {
    planTemplate(draft, guest, differences);
    return;
  }
  const adopted = marker === undefined || marker.stage === 'ready';
  const sealed = declared.isTemplate && marker?.stage === 'sealed';
  const reason: Reason = marker === undefined ? 'adopted' : 'unfinished';
  if (differences.length > 0) addConfigure(draft, guest, differences);
  else if (marker?.stage === 'made' && !isRecorded(declared, guest))
    draft.add('configure', 'update', reason, 'hardware, network, tags');
  const grow = listDiskChanges(declared, guest, draft);
  if (grow.length > 0)
    draft.add(
      'grow-disk',
      'update',
      'disk-too-small',
      grow.map((change) => `${change.key} ${change.live} → ${change.declared} GiB`).join(', '),
      { changes: grow },
    );
  if (sealed) {
    if (guest.status === 'running') draft.add('shutdown', 'run', 'not-a-template', 'shut down');
    draft.add('convert', 'update', 'not-a-template', 'convert to a template');
    return;
  }
  const seed = planSeedChange(draft, guest);
  if (seed.changed) {
    draft.add('seed', 'update', marker?.stage === 'ready' ? 'seed-changed' : reason, 'cloud-init seed', {
      changes: seed.change === undefined ? [] : [seed.change],
    });
  }
  planSurroundings(draft, guest);
  if (adopted) planReadyMachine(draft, guest, seed.changed);
  else {
    if (guest.status !== 'running') draft.add('start', 'run', reason, 'start');
    planProvisioning(draft, reason);
    planFinish(draft, reason);
  }
}
