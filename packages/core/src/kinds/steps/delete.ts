import { deleteGuest, updateGuestConfig } from '@phoenix/proxmox-client';
import { awaitTask } from '../../apply/await-task.js';
import { settleGuest } from '../../apply/settle-guest.js';
import type { Step, StepContext } from '../../apply/step-context.js';
import { errorCode } from '../../errors/describe-error.js';
import { PhoenixError } from '../../errors/phoenix-error.js';
import { guestRefOf } from '../guest-step.js';

/**
 * A step that deletes the stopped guest with its volumes, and what else there is of it on the node (`removeLeftovers`).
 * A guest that is gone counts as deleted.
 */
export function createDelete(
  removeLeftovers: (context: StepContext, node: string) => Promise<unknown>,
): Step {
  return async (context) => {
    const { client, vmid, action, guestName } = context;
    let guest = await context.look();
    if (guest?.lock === 'destroyed') {
      await settleGuest(context);
      guest = await context.look();
    }
    const node = guest?.node ?? String(action.input.node);
    if (guest !== undefined) {
      const ours = guest.marker !== undefined || action.input.adopt === true || guest.lock === 'destroyed';
      if (!ours) {
        throw new PhoenixError({
          code: 'PHOENIX_NOT_OURS',
          message: `${vmid} is the ${guest.kind} "${guest.name ?? vmid}", which does not carry Phoenix' marker.`,
          hint: 'Delete it with `--adopt`, or by hand.',
          details: { vmid },
        });
      }
      const ref = guestRefOf(guest);
      if (action.input.unprotect === true && Number(guest.config.protection ?? 0) === 1) {
        await updateGuestConfig(client, { ...ref, set: { protection: 0 }, digest: guest.digest });
      }
      try {
        await awaitTask(
          context,
          await deleteGuest(client, { ...ref, purge: true, destroyUnreferencedDisks: true }),
        );
      } catch (error) {
        if (errorCode(error) === 'PVE_NOT_FOUND') return { outcome: 'unchanged' };
        if (errorCode(error) !== 'PVE_IN_USE') throw error;
        throw new PhoenixError({
          code: 'PHOENIX_HAS_CLONES',
          message: `${vmid} (${guestName}) cannot be deleted: linked clones still use its disk.`,
          hint: 'Delete the linked clones first.',
          cause: error,
          details: { vmid },
        });
      }
    }
    await removeLeftovers(context, node);
    return { outcome: guest === undefined ? 'unchanged' : 'ok' };
  };
}
