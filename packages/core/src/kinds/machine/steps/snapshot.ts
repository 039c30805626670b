import { createSnapshot, listSnapshots } from '@phoenix/proxmox-client';
import { awaitTask } from '../../../apply/await-task.js';
import { machineStep, requireOurMachine } from '../machine-step.js';

/** Takes the snapshot that clones are made from; one of that name is left as it is. */
export const snapshot = machineStep(async (context) => {
  const { client, action, signal } = context;
  const name = String(action.input.snapshot);
  const guest = await requireOurMachine(context);
  const ref = { kind: 'qemu', node: guest.node, vmid: guest.vmid } as const;
  const present = await listSnapshots(client, ref, { signal });
  if (present.some((entry) => entry.name === name)) return { outcome: 'unchanged' };
  await awaitTask(
    context,
    await createSnapshot(client, {
      ...ref,
      name,
      description: 'taken by Phoenix after provisioning',
    }),
  );
  return { outcome: 'ok' };
});
