import { machineStep, requireOurMachine } from '../machine-step.js';

/** Moves the machine into its declared pool, out of another one where it is in one. */
export const pool = machineStep(async (context) => {
  const { client, declared, vmid } = context;
  if (declared.pool === undefined) return { outcome: 'unchanged' };
  await requireOurMachine(context);
  await client.request('PUT /pools', { poolid: declared.pool, vms: String(vmid), 'allow-move': true });
  return { outcome: 'ok' };
});
