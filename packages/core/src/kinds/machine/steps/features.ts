import { type FeatureEvent, runFeatures } from '@phoenix/features';
import { createSnapshot, listSnapshots } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { createAgentShell } from '../agent-shell.js';
import { type MachineStepContext, machineStep, requireMachine } from '../machine-step.js';

function tell(context: MachineStepContext, event: FeatureEvent): void {
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
  context: MachineStepContext,
  node: string,
  name: string | undefined,
): Promise<void> {
  const { client, vmid, declared, signal } = context;
  if (name === undefined || declared.isTemplate) return;
  const ref = { kind: 'qemu', node, vmid } as const;
  const present = await listSnapshots(client, ref, { signal });
  if (present.some((entry) => entry.name === name)) return;
  await awaitTask(context, await createSnapshot(client, { ...ref, name, description: 'taken by Phoenix' }));
}

/** Runs the declared features in the guest. What runs there goes on when the connection, or Phoenix, is cut off; the next run follows it. */
export const features = machineStep(async (context) => {
  const { client, declared, materials, secrets, signal, vmid } = context;
  const guest = await requireMachine(context);
  const shell = createAgentShell(client, { node: guest.node, vmid }, signal);
  await takeSnapshot(context, guest.node, declared.snapshots.preFeatures);
  let applied = false;
  const environment = { PHOENIX_GUEST_ID: String(vmid), PHOENIX_GUEST_NAME: declared.name };
  for await (const event of runFeatures({
    shell,
    features: materials.features,
    signal,
    environment,
    resolveSecret: (reference) => secrets.resolve({ $secret: reference }),
  })) {
    tell(context, event);
    if (event.kind === 'feature-done' && event.outcome !== 'unchanged') applied = true;
  }
  await takeSnapshot(context, guest.node, declared.snapshots.postFeatures);
  return { outcome: applied ? 'ok' : 'unchanged' };
});
