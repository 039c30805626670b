import { z } from 'zod';
import { PhoenixError } from '../errors/phoenix-error.js';

const wireValueSchema = z.union([z.string(), z.number(), z.boolean()]);

/**
 * What Phoenix remembers about a guest, on the guest: one HTML comment at the end of its description, which Proxmox VE's
 * interface does not show. `id` repeats the vmid, so that a copy made by hand is not taken for the original.
 */
export const markerSchema = z.object({
  v: z.literal(1),
  id: z.int(),
  /**
   * How far the work is: `made` (exists), `provisioned` (features and health check passed), `sealed` (a template's
   * identity is removed), `ready` (nothing left to do).
   */
  stage: z.enum(['made', 'provisioned', 'sealed', 'ready']),
  /** Values of the keys as Phoenix last wrote them. */
  applied: z.record(z.string(), wireValueSchema),
  /** Digest of the seed attached last. */
  seed: z.string().optional(),
  /** Digest of the features applied last. */
  features: z.string().optional(),
  /** Names of the features applied last, for people. */
  names: z.array(z.string()).optional(),
  /** Digest of the firewall settings applied last. */
  firewall: z.string().optional(),
  /** What the guest was made from: an image's volume id, `vmid@build` of the clone source, or `adopted`. */
  from: z.string().optional(),
  /** Digest that changes whenever a template is built anew. */
  build: z.string().optional(),
});
export type Marker = z.infer<typeof markerSchema>;

export const descriptionLimit = 8192;

function versionOf(value: unknown): number {
  return typeof value === 'object' && value !== null && 'v' in value && typeof value.v === 'number'
    ? value.v
    : 1;
}

const opening = '<!-- phoenix: {';
const closing = '} -->';

/**
 * Splits a description into its text and the marker. A comment that is not a valid marker counts as text.
 * @throws {PhoenixError} `PHOENIX_MARKER_NEWER` for a marker of a version this Phoenix does not know.
 */
export function parseDescription(description: string | undefined): {
  readonly text: string;
  readonly marker?: Marker;
} {
  if (description === undefined) return { text: '' };
  const whole = description.trimEnd();
  const start = whole.lastIndexOf(opening);
  if (start < 0 || !whole.endsWith(closing)) return { text: whole };
  let value: unknown;
  try {
    value = JSON.parse(whole.slice(start + opening.length - 1, 1 - closing.length));
  } catch {
    return { text: whole };
  }
  const version = versionOf(value);
  if (version > 1) {
    throw new PhoenixError({
      code: 'PHOENIX_MARKER_NEWER',
      message: `The guest is managed by a newer Phoenix: its marker has version ${version}, this one reads 1.`,
      hint: 'Update Phoenix.',
    });
  }
  const marker = markerSchema.safeParse(value);
  return marker.success ? { text: whole.slice(0, start).trimEnd(), marker: marker.data } : { text: whole };
}

/**
 * The description that carries `text` for people and the marker behind it. Equal markers give equal text, in whatever order they were put together.
 * @throws {PhoenixError} `PHOENIX_DESCRIPTION_TOO_LONG` over the 8192 characters that Proxmox VE takes.
 */
export function printDescription(text: string, marker: Marker): string {
  // '>' and '<' escaped, so that no value can end the comment.
  const json = JSON.stringify(markerSchema.parse(marker))
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e');
  const line = `<!-- phoenix: ${json} -->`;
  const description = text === '' ? line : `${text}\n\n${line}`;
  if (description.length > descriptionLimit) {
    throw new PhoenixError({
      code: 'PHOENIX_DESCRIPTION_TOO_LONG',
      message: `The description of guest ${marker.id} would have ${description.length} characters with Phoenix' marker; Proxmox VE takes ${descriptionLimit}.`,
      hint: 'Shorten `description`.',
    });
  }
  return description;
}
