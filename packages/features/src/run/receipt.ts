import { z } from 'zod';
import type { ResolvedFeature } from '../resolve/resolved-feature.js';

const receiptShape = z.object({
  v: z.literal(1),
  feature: z.string(),
  /** The guest it was applied for, as `GuestAccess.guest` names it: a clone finds the receipts of its source on its disk. Absent where nobody said. */
  guest: z.string().optional(),
  version: z.string(),
  /** SHA-256 of the options, secrets by reference. */
  options: z.string(),
  /** SHA-256 of the files. */
  bundle: z.string(),
  /** `scrypt:SALT:HASH` of the secrets' values; absent without secrets. */
  secrets: z.string().optional(),
  /** When it was applied or found in place, ISO 8601, by the clock of the machine that ran it. */
  at: z.string(),
  /** Options as declared, secrets as references; what `remove` gets. */
  declared: z.json(),
  requires: z.array(z.string()),
  remove: z
    .object({
      script: z.string(),
      timeoutMs: z.number(),
      interpreter: z.array(z.string()),
      bundle: z.string(),
    })
    .optional(),
});

/** What stands in a guest at /var/lib/phoenix/receipts/NAME.json after a feature was applied there. Holds no secret. */
export type Receipt = z.infer<typeof receiptShape>;

/** Yields a receipt from its text; undefined when it is damaged or of another version. */
export function parseReceipt(text: string): Receipt | undefined {
  try {
    return receiptShape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whether a receipt came with the disk from another guest, whose declaration has nothing to say here. Pure. */
export function isInherited(receipt: Receipt, guest: string | undefined): boolean {
  return guest !== undefined && receipt.guest !== undefined && receipt.guest !== guest;
}

/** Why a feature is (or would be) applied; a closed list. */
export type FeatureReason =
  | 'missing'
  | 'version-changed'
  | 'options-changed'
  | 'files-changed'
  | 'secrets-changed'
  | 'drifted'
  | 'interrupted';

/**
 * Yields why a feature must be applied again, judged by its receipt alone; undefined when the receipt says that
 * nothing changed. Secrets count by their reference here; the run compares their values too. Pure.
 */
export function compareReceipt(
  feature: ResolvedFeature,
  receipt: Receipt | undefined,
): FeatureReason | undefined {
  if (receipt === undefined) return 'missing';
  if (receipt.version !== feature.version) return 'version-changed';
  if (receipt.options !== feature.optionsDigest) return 'options-changed';
  if (receipt.bundle !== feature.bundle.digest) return 'files-changed';
  return undefined;
}
