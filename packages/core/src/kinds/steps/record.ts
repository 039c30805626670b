import type { Marker } from '../../observe/marker.js';
import { digestOf } from '../../plan/digest-of.js';
import { type DeclaredStepContext, declaredStep, requireOurGuest, writeGuest } from '../guest-step.js';

/** Writes into the marker how far the work is; what was applied inside the guest goes with it. */
export async function recordStage(context: DeclaredStepContext, stage: Marker['stage']): Promise<boolean> {
  const guest = await requireOurGuest(context);
  const { features: _features, names: _names, ...rest } = guest.marker;
  const { featuresDigest, features } = context.materials;
  const marker: Marker = {
    ...rest,
    stage,
    ...(featuresDigest === undefined
      ? {}
      : { features: featuresDigest, names: features.map((feature) => feature.name) }),
    ...(stage === 'sealed' ? { build: guest.marker.build ?? guest.digest.slice(0, 12) } : {}),
  };
  if (digestOf(marker) === digestOf(guest.marker)) return false;
  await writeGuest(context, guest, { marker });
  return true;
}

/** Remembers that everything declared has been applied: the last step of a guest that stays one. */
export const record = declaredStep(async (context) => ({
  outcome: (await recordStage(context, 'ready')) ? 'ok' : 'unchanged',
}));
