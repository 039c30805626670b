import { PhoenixError } from '../errors/phoenix-error.js';
import type { WireValue } from './inventory.js';

/**
 * What Phoenix remembers about a guest, on the guest: one HTML comment at the end of its description, which Proxmox VE's
 * interface does not show. `id` repeats the vmid, so that a copy made by hand is not taken for the original.
 */
export interface Marker {
  readonly v: 1;
  readonly id: number;
  /**
   * How far the work is: `made` (exists), `provisioned` (features and health check passed), `sealed` (a template's
   * identity is removed), `ready` (nothing left to do).
   */
  readonly stage: (typeof stages)[number];
  /** Values of the keys as Phoenix last wrote them. */
  readonly applied: Readonly<Record<string, WireValue>>;
  /** Digest of the seed attached last. */
  readonly seed?: string;
  /** Digest of the features applied last. */
  readonly features?: string;
  /** Names of the features applied last, for people. */
  readonly names?: readonly string[];
  /** Digest of the firewall settings applied last. */
  readonly firewall?: string;
  /** What the guest was made from: an image's volume id, `vmid@build` of the clone source, or `adopted`. */
  readonly from?: string;
  /** Digest that changes whenever a template is built anew. */
  readonly build?: string;
}

const stages = ['made', 'provisioned', 'sealed', 'ready'] as const;
const texts = ['seed', 'features', 'firewall', 'from', 'build'] as const;

export const descriptionLimit = 8192;

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWireValues(value: unknown): value is Marker['applied'] {
  if (!isFields(value)) return false;
  for (const key in value) {
    const type = typeof value[key];
    if (type !== 'string' && type !== 'number' && type !== 'boolean') return false;
  }
  return true;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

/**
 * A marker with its fields in their one order and nothing beside them; undefined for anything that is none. Written out by hand: every plan reads
 * one for each guest, and a schema takes five times as long.
 */
function readMarker(fields: Fields): Marker | undefined {
  const { id, applied, names } = fields;
  const stage = stages.find((known) => known === fields.stage);
  if (fields.v !== 1 || typeof id !== 'number' || !Number.isSafeInteger(id)) return undefined;
  if (stage === undefined || !isWireValues(applied)) return undefined;
  const marker: { -readonly [Field in keyof Marker]: Marker[Field] } = { v: 1, id, stage, applied };
  for (const field of texts) {
    const text = fields[field];
    if (text === undefined) continue;
    if (typeof text !== 'string') return undefined;
    marker[field] = text;
  }
  if (names === undefined) return marker;
  return isTexts(names) ? { ...marker, names } : undefined;
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
  if (!isFields(value)) return { text: whole };
  if (typeof value.v === 'number' && value.v > 1) {
    throw new PhoenixError({
      code: 'PHOENIX_MARKER_NEWER',
      message: `The guest is managed by a newer Phoenix: its marker has version ${value.v}, this one reads 1.`,
      hint: 'Update Phoenix.',
    });
  }
  const marker = readMarker(value);
  return marker === undefined ? { text: whole } : { text: whole.slice(0, start).trimEnd(), marker };
}

/**
 * The description that carries `text` for people and the marker behind it. Equal markers give equal text, in whatever order they were put together.
 * @throws {PhoenixError} `PHOENIX_DESCRIPTION_TOO_LONG` over the 8192 characters that Proxmox VE takes.
 */
export function printDescription(text: string, marker: Marker): string {
  // '>' and '<' escaped, so that no value can end the comment.
  const json = JSON.stringify(readMarker({ ...marker }))
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
