import { updateGuestConfig } from '@phoenix/proxmox-client';
import type { Step, StepContext, StepResult } from '../../apply/step-context.js';
import type { DeclaredMachine } from '../../config/model.js';
import { PhoenixError } from '../../errors/phoenix-error.js';
import type { ObservedGuest, WireValue } from '../../observe/inventory.js';
import { type Marker, printDescription } from '../../observe/marker.js';

/** The context of a step that needs the declaration of its machine. */
export interface MachineStepContext extends StepContext {
  readonly declared: DeclaredMachine;
}

/** Makes a step of one that needs the machine's declaration. */
export function machineStep(run: (context: MachineStepContext) => Promise<StepResult>): Step {
  return (context) => {
    const { declaredGuest } = context;
    if (declaredGuest?.kind !== 'machine')
      throw new TypeError(`${context.action.id} needs the declaration of a machine`);
    return run({ ...context, declared: declaredGuest });
  };
}

/**
 * Reads the machine, which must exist and be ours.
 * @throws {PhoenixError} `PHOENIX_GUEST_GONE`, `PHOENIX_NOT_OURS` when the vmid has come to belong to something else meanwhile
 */
export async function requireMachine(context: StepContext): Promise<ObservedGuest> {
  const guest = await context.look();
  if (guest === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_GUEST_GONE',
      message: `Machine ${context.vmid} (${context.guestName}) is not on the cluster any more.`,
      hint: 'Somebody deleted it meanwhile; run again to make it anew.',
      details: { vmid: context.vmid },
    });
  }
  return guest;
}

/**
 * Reads the machine and its marker.
 * @throws {PhoenixError} as `requireMachine`, and `PHOENIX_NOT_OURS` where the marker is missing
 */
export async function requireOurMachine(
  context: StepContext,
): Promise<ObservedGuest & { readonly marker: Marker }> {
  const guest = await requireMachine(context);
  const { marker } = guest;
  if (marker === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_NOT_OURS',
      message: `${context.vmid} is the machine "${guest.name ?? `VM ${context.vmid}`}", which does not carry Phoenix' marker.`,
      hint: 'Somebody made it meanwhile. Give the machine another vmid, or take the existing one over with `--adopt`.',
      details: { vmid: context.vmid },
    });
  }
  return { ...guest, marker };
}

/** What to write besides the marker. */
export interface MachineWrite {
  readonly set?: Readonly<Record<string, WireValue>>;
  readonly delete?: readonly string[];
  readonly marker: Marker;
  /** Text for people in the description; default: as it is. */
  readonly text?: string;
}

/**
 * Writes keys and the marker in one call, guarded by the digest of what was read: PVE refuses it when the configuration changed since.
 * @throws ProxmoxError `PVE_DIGEST` and those of the call
 */
export async function writeMachine(
  context: StepContext,
  guest: ObservedGuest,
  write: MachineWrite,
): Promise<void> {
  await updateGuestConfig(context.client, {
    kind: 'qemu',
    node: guest.node,
    vmid: guest.vmid,
    digest: guest.digest,
    set: { ...write.set, description: printDescription(write.text ?? guest.text, write.marker) },
    ...(write.delete === undefined || write.delete.length === 0 ? {} : { delete: write.delete }),
  });
}
