import type { DeclaredContainer } from '../../../config/model.js';
import type { Reason } from '../../../plan/plan.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { featuresThatLeft, featuresTitle } from '../../features-that-left.js';

type DraftedContainer = DraftedGuest<DeclaredContainer>;

/** Whether anything has to be done inside the container. */
function hasWorkInside(draft: DraftedContainer): boolean {
  const { declared, materials } = draft.input;
  if (featuresThatLeft(draft).length > 0) return true;
  return materials.features.length > 0 || declared.healthCheck !== undefined || declared.isTemplate;
}

/** Starting the container, and what happens inside it. A template without features is never started. */
export function planProvisioning(
  draft: DraftedContainer,
  reason: Reason,
  options: { readonly started: boolean },
): void {
  const { declared, materials } = draft.input;
  const names = materials.features.map((feature) => feature.name);
  const untouched =
    declared.isTemplate &&
    names.length === 0 &&
    declared.healthCheck === undefined &&
    declared.cloneFrom === undefined;
  if (untouched) return;
  if (!options.started) draft.add('start', 'run', reason, 'start');
  if (!hasWorkInside(draft)) return;
  draft.add('wait-agent', 'run', reason, 'shell answers');
  const left = featuresThatLeft(draft);
  if (names.length > 0 || left.length > 0)
    draft.add('features', 'run', reason, featuresTitle(names, left), { input: { features: names } });
  if (declared.healthCheck !== undefined) draft.add('health-check', 'run', reason, 'health check');
}

/** What makes a provisioned container finished: a snapshot and a record, or its conversion to a template. */
export function planFinish(draft: DraftedContainer, reason: Reason): void {
  const { declared } = draft.input;
  if (declared.isTemplate) {
    if (declared.templateSnapshotName !== undefined) {
      draft.notice(
        'template-snapshot',
        `${declared.vmid} is a template, and templates have no snapshots: \`template_snapshot_name\` "${declared.templateSnapshotName}" stands for the sealed template itself.`,
      );
    }
    if (draft.actions.some((action) => action.step === 'wait-agent'))
      draft.add('seal', 'run', reason, 'remove identity: machine-id, host keys, logs');
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
