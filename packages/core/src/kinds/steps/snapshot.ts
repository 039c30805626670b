import { createSnapshot, listSnapshots } from '@phoenix/proxmox-client';
import { awaitTask } from '../../apply/await-task.js';
import { declaredStep, guestRefOf, requireOurGuest } from '../guest-step.js';

/** Takes the snapshot that clones are made from; one of that name is left as it is. */
export const snapshot = declaredStep(async (context) => {
  const { client, action, signal } = context;
  const name = String(action.input.snapshot);
  const guest = await requireOurGuest(context);
  const ref = guestRefOf(guest);
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
