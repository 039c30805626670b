import type { SecretReference } from '../config/model.js';
import type { SecretResolver } from './secret-resolver.js';

/** A type whose secret references have become texts. */
export type Resolved<T> = T extends SecretReference
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : { readonly [K in keyof T]: Resolved<T[K]> };

/** Whether a value is a secret reference: an object whose one key is `$secret`. */
export function isSecretReference(value: unknown): value is SecretReference {
  if (typeof value !== 'object' || value === null || !('$secret' in value)) return false;
  return typeof value.$secret === 'string' && Object.keys(value).length === 1;
}

/**
 * Plain data in which every secret reference, at any depth, is replaced by its value: a copy, or the input itself where it holds none.
 * The input stays as it is.
 *
 * @throws PhoenixError `PHOENIX_SECRET`
 */
export function resolveSecrets<T>(value: T, resolver: SecretResolver): Promise<Resolved<T>>;
export async function resolveSecrets(value: unknown, resolver: SecretResolver): Promise<unknown> {
  return holdsSecrets(value) ? replaceSecrets(value, resolver) : value;
}

function holdsSecrets(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isSecretReference(value) || Object.values(value).some(holdsSecrets);
}

async function replaceSecrets(value: unknown, resolver: SecretResolver): Promise<unknown> {
  if (isSecretReference(value)) return resolver.resolve(value);
  if (Array.isArray(value)) return Promise.all(value.map((item: unknown) => replaceSecrets(item, resolver)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([key, entry]: [string, unknown]) => [
    key,
    await replaceSecrets(entry, resolver),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

/** The secrets that stand in plain data as text, under `password`; for a redactor. */
export function writtenSecrets(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]) =>
    key === 'password' && typeof entry === 'string' ? [entry] : writtenSecrets(entry),
  );
}
