import { hash } from 'node:crypto';

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sortKeys(entry)]));
}

/** SHA-256 of a plain value, lower-case hexadecimal; equal for equal values whatever the order of their keys. */
export function digestOf(value: unknown): string {
  return hash('sha256', JSON.stringify(sortKeys(value)) ?? 'undefined');
}
