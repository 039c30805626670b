import type { ResolvedFeature } from '@phoenix/features';
import type { DeclaredMachine } from '../../config/model.js';
import type { SecretResolver } from '../../secrets/secret-resolver.js';
import type { GuestSeed } from '../guest-kind.js';

/** The seed of a machine, from its declaration and the cloud-config of its features. */
export async function createMachineSeed(
  _declared: DeclaredMachine,
  _features: readonly ResolvedFeature[],
  _secrets: SecretResolver,
): Promise<((macs: ReadonlyMap<number, string>) => GuestSeed) | undefined> {
  return undefined;
}
