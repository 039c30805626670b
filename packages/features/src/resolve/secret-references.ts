/** A reference to a secret inside options: `{ "$secret": "env:NAME" }`. */
export interface SecretReference {
  readonly $secret: string;
}

export function isSecretReference(value: unknown): value is SecretReference {
  return (
    typeof value === 'object' && value !== null && '$secret' in value && typeof value.$secret === 'string'
  );
}

/** A reference and the way to it. */
export interface FoundSecret {
  readonly path: readonly (string | number)[];
  readonly reference: string;
}

/** Yields every secret reference inside a value, in order. */
export function findSecrets(value: unknown, path: readonly (string | number)[] = []): readonly FoundSecret[] {
  if (isSecretReference(value)) return [{ path, reference: value.$secret }];
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) => findSecrets(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => findSecrets(item, [...path, key]));
}

/** Yields a copy of the value with every reference replaced by what `substitute` yields; `undefined` drops the key. */
export function replaceSecrets(value: unknown, substitute: (reference: string) => unknown): unknown {
  if (isSecretReference(value)) return substitute(value.$secret);
  if (Array.isArray(value)) return value.map((item: unknown) => replaceSecrets(item, substitute));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]: [string, unknown]) => [key, replaceSecrets(item, substitute)] as const)
      .filter(([, item]) => item !== undefined),
  );
}
