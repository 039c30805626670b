import { declaredStep, requireOurGuest } from '../guest-step.js';

/** Moves the guest into its declared pool, out of another one where it is in one. */
export const pool = declaredStep(async (context) => {
  const { client, declared, vmid } = context;
  if (declared.pool === undefined) return { outcome: 'unchanged' };
  await requireOurGuest(context);
  await client.request('PUT /pools', { poolid: declared.pool, vms: String(vmid), 'allow-move': true });
  return { outcome: 'ok' };
});
