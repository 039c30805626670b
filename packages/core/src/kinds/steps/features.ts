import { type FeatureEvent, runFeatures } from '@phoenix/features';
import { createSnapshot, listSnapshots } from '@phoenix/proxmox-client';
import { awaitTask } from '../../apply/await-task.js';
import type { ObservedGuest } from '../../observe/inventory.js';
import { type DeclaredStepContext, declaredStep, guestRefOf, requireGuest } from '../guest-step.js';

/** Remembers which script runs in the guest, where it goes on when this run is interrupted. */
function track({ openTasks, vmid, guestName }: DeclaredStepContext, event: FeatureEvent): void {
  if (!('step' in event) || event.step === 'deliver' || event.step === 'reboot') return;
  const name = `${event.step} of feature ${event.feature} in ${vmid} (${guestName})`;
  if (event.kind === 'step-started') openTasks.add(name);
  else if (event.kind === 'step-finished' || event.kind === 'feature-failed') openTasks.delete(name);
}

function tell(context: DeclaredStepContext, event: FeatureEvent): void {
  const { report } = context;
  switch (event.kind) {
    case 'feature-started':
      report.progress(`${event.feature} ${event.version}`);
      return;
    case 'feature-planned':
      report.progress(`${event.feature}: ${event.reason}`);
      return;
    case 'step-started':
      report.progress(
        `${event.feature}: ${event.step}${event.reattached ? ' (already running in the guest, following it)' : ''}`,
      );
      return;
    case 'output':
      report.output(event.line, { feature: event.feature });
      return;
    case 'output-skipped':
      report.output(`… ${event.bytes} bytes not shown; they are in the guest's log …`, {
        feature: event.feature,
      });
      return;
    case 'guest-unreachable':
    case 'step-lost':
      report.progress(event.message);
      return;
    case 'reboot-requested':
      report.progress(`${event.feature}: restarting the guest`);
      return;
    case 'remark':
      report.warn(event.message);
      return;
    case 'feature-failed':
      for (const line of event.lastLines) report.output(line, { feature: event.feature, stream: 'stderr' });
      return;
    default:
      return;
  }
}

async function takeSnapshot(
  context: DeclaredStepContext,
  guest: ObservedGuest,
  name: string | undefined,
): Promise<void> {
  const { client, declared, signal } = context;
  if (name === undefined || declared.isTemplate) return;
  const ref = guestRefOf(guest);
  const present = await listSnapshots(client, ref, { signal });
  if (present.some((entry) => entry.name === name)) return;
  await awaitTask(context, await createSnapshot(client, { ...ref, name, description: 'taken by Phoenix' }));
}

/** Runs the declared features in the guest. What runs there goes on when the connection, or Phoenix, is cut off; the next run follows it. */
export const features = declaredStep(async (context) => {
  const { declared, materials, secrets, signal, vmid } = context;
  const guest = await requireGuest(context);
  const shell = context.openShell(guest);
  await takeSnapshot(context, guest, declared.snapshots.preFeatures);
  let applied = false;
  const environment = { PHOENIX_GUEST_ID: String(vmid), PHOENIX_GUEST_NAME: declared.name };
  for await (const event of runFeatures({
    shell,
    guest: String(vmid),
    features: materials.features,
    signal,
    environment,
    remove: context.removeFeatures,
    resolveSecret: (reference) => secrets.resolve({ $secret: reference }),
  })) {
    track(context, event);
    tell(context, event);
    if (event.kind === 'feature-done' && event.outcome !== 'unchanged') applied = true;
  }
  await takeSnapshot(context, guest, declared.snapshots.postFeatures);
  return { outcome: applied ? 'ok' : 'unchanged' };
});
