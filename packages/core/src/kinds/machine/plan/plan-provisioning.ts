import type { DeclaredMachine } from '../../../config/model.js';
import type { Reason } from '../../../plan/plan.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { featuresThatLeft, featuresTitle } from '../../features-that-left.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;

/** What happens inside a running machine. */
export function planProvisioning(draft: DraftedMachine, reason: Reason): void {
  const { declared, materials } = draft.input;
  draft.add('wait-agent', 'run', reason, 'guest agent answers');
  draft.add('wait-cloud-init', 'run', reason, 'cloud-init is done');
  const names = materials.features.map((feature) => feature.name);
  const left = featuresThatLeft(draft);
  if (names.length > 0 || left.length > 0) {
    draft.add('features', 'run', reason, featuresTitle(names, left), { input: { features: names } });
  }
  if (declared.healthCheck !== undefined) draft.add('health-check', 'run', reason, 'health check');
}

/** What makes a provisioned machine finished: a snapshot and a record, or its conversion to a template. */
export function planFinish(draft: DraftedMachine, reason: Reason): void {
  const { declared } = draft.input;
  if (declared.isTemplate) {
    if (declared.templateSnapshotName !== undefined) {
      draft.notice(
        'template-snapshot',
        `${declared.vmid} is a template, and templates have no snapshots: \`template_snapshot_name\` "${declared.templateSnapshotName}" stands for the sealed template itself.`,
      );
    }
    draft.add('seal', 'run', reason, 'remove identity: cloud-init state, machine-id, host keys, logs');
    draft.add('shutdown', 'run', reason, 'shut down');
    draft.add('convert', 'update', reason, 'convert to a template');
    return;
  }
  if (declared.templateSnapshotName !== undefined) {
    draft.add('snapshot', 'create', reason, `snapshot ${declared.templateSnapshotName}`, {
      input: { snapshot: declared.templateSnapshotName },
    });
  }
  draft.add('record', 'update', reason, 'remember what was applied');
}
