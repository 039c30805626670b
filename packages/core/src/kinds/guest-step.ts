import { type GuestRef, updateGuestConfig } from '@phoenix/proxmox-client';
import type { Step, StepContext, StepResult } from '../apply/step-context.js';
import type { DeclaredGuest } from '../config/model.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { ObservedGuest, WireValue } from '../observe/inventory.js';
import { type Marker, printDescription } from '../observe/marker.js';

/** The context of a step that needs the declaration of its guest, of whatever kind. */
export interface DeclaredStepContext extends StepContext {
  readonly declared: DeclaredGuest;
}

/** Makes a step of one that needs the guest's declaration. */
export function declaredStep(run: (context: DeclaredStepContext) => Promise<StepResult>): Step {
  return (context) => {
    const { declaredGuest } = context;
    if (declaredGuest === undefined)
      throw new TypeError(`${context.action.id} needs the declaration of its guest`);
    return run({ ...context, declared: declaredGuest });
  };
}

/** How Proxmox VE's paths name the guest. */
export function guestRefOf(guest: Pick<ObservedGuest, 'kind' | 'node' | 'vmid'>): GuestRef {
  return { kind: guest.kind === 'machine' ? 'qemu' : 'lxc', node: guest.node, vmid: guest.vmid };
}

/**
 * Reads the guest, which must exist.
 * @throws {PhoenixError} `PHOENIX_GUEST_GONE`
 */
export async function requireGuest(context: StepContext): Promise<ObservedGuest> {
  const guest = await context.look();
  if (guest === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_GUEST_GONE',
      message: `Guest ${context.vmid} (${context.guestName}) is not on the cluster any more.`,
      hint: 'Somebody deleted it meanwhile; run again to make it anew.',
      details: { vmid: context.vmid },
    });
  }
  return guest;
}

/**
 * Reads the guest and its marker.
 * @throws {PhoenixError} as `requireGuest`, and `PHOENIX_NOT_OURS` where the marker is missing: the vmid has come to belong to something else
 */
export async function requireOurGuest(
  context: StepContext,
): Promise<ObservedGuest & { readonly marker: Marker }> {
  const guest = await requireGuest(context);
  const { marker } = guest;
  if (marker === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_NOT_OURS',
      message: `${context.vmid} is the ${guest.kind} "${guest.name ?? guest.vmid}", which does not carry Phoenix' marker.`,
      hint: 'Somebody made it meanwhile. Declare another vmid, or take the existing guest over with `--adopt`.',
      details: { vmid: context.vmid },
    });
  }
  return { ...guest, marker };
}

/** What to write besides the marker. */
export interface GuestWrite {
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
export async function writeGuest(
  context: StepContext,
  guest: ObservedGuest,
  write: GuestWrite,
): Promise<void> {
  await updateGuestConfig(context.client, {
    ...guestRefOf(guest),
    digest: guest.digest,
    set: { ...write.set, description: printDescription(write.text ?? guest.text, write.marker) },
    ...(write.delete === undefined || write.delete.length === 0 ? {} : { delete: write.delete }),
  });
}
