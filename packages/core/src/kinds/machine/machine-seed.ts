import { createHash } from 'node:crypto';
import {
  type CloudConfigPart,
  hashPassword,
  isPasswordHash,
  renderSeed,
  type SeedInput,
  type SeedNetwork,
  saltFor,
  writeNoCloudIso,
} from '@phoenix/cloudinit';
import type { ResolvedFeature } from '@phoenix/features';
import { z } from 'zod';
import type { DeclaredMachine, DeclaredNetwork } from '../../config/model.js';
import { resolveSecrets } from '../../secrets/resolve-secrets.js';
import type { SecretResolver } from '../../secrets/secret-resolver.js';
import type { GuestSeed } from '../guest-kind.js';
import { describeVolumes } from './describe-volumes.js';

/** Raised when equal input would give another seed than before: machines then get a new one at their next orchestration. */
const seedVersion = 1;

const partSchema = z.record(z.string(), z.json());

function describeNetwork(network: DeclaredNetwork, mac: string | undefined): SeedNetwork {
  return {
    index: network.index,
    nameservers: network.nameservers,
    searchDomains: network.searchDomains,
    ...(mac === undefined ? {} : { mac }),
    ...(network.mtu === undefined ? {} : { mtu: network.mtu }),
    ...(network.ipv4 === undefined ? {} : { ipv4: network.ipv4 }),
    ...(network.ipv6 === undefined ? {} : { ipv6: network.ipv6 }),
  };
}

function describeFeatures(features: readonly ResolvedFeature[]): readonly CloudConfigPart[] {
  return features.flatMap(({ name, feature, options }) => {
    if (feature.cloudConfig === undefined) return [];
    return [{ source: `feature ${name}`, config: partSchema.parse(feature.cloudConfig({ options })) }];
  });
}

/** Hashed before the digest is taken, which stands in the guest's notes: a digest of the password itself could be guessed against at speed. */
function hashed(password: string, identity: string): string {
  return isPasswordHash(password) ? password : hashPassword(password, saltFor(identity));
}

/**
 * Prepares the seed of a machine from its declaration and the cloud-config of its features. Secrets are resolved here, once; the function
 * that comes back is pure. Addresses belong to interfaces by their MAC addresses, which only the cluster knows.
 * @throws {PhoenixError} `PHOENIX_SECRET`
 */
export async function createMachineSeed(
  declared: DeclaredMachine,
  features: readonly ResolvedFeature[],
  secrets: SecretResolver,
): Promise<(macs: ReadonlyMap<number, string>) => GuestSeed> {
  const { name, userDataTemplate, networks } = declared;
  const user = declared.user === undefined ? undefined : await resolveSecrets(declared.user, secrets);
  const common: Omit<SeedInput, 'networks'> = {
    name,
    cloudConfigs: [...describeFeatures(features), ...describeVolumes(declared.volumes)],
    ...(userDataTemplate === undefined ? {} : { userDataTemplate }),
    ...(user === undefined
      ? {}
      : {
          user: {
            username: user.username,
            sshKeys: user.sshKeys,
            groups: user.groups,
            ...(user.shell === undefined ? {} : { shell: user.shell }),
            ...(user.comment === undefined ? {} : { comment: user.comment }),
            ...(user.password === undefined
              ? {}
              : { password: hashed(user.password, `${name}\0${user.username}`) }),
          },
        }),
  };
  // What the digest is taken of, up to the networks: the same for every set of MAC addresses.
  const begun = JSON.stringify([seedVersion, declared.vmid, common]).slice(0, -2);
  return (macs) => {
    const described = networks.map((network) => describeNetwork(network, macs.get(network.index)));
    const input: SeedInput = { ...common, networks: described };
    return {
      digest: createHash('sha256')
        .update(`${begun},"networks":${JSON.stringify(described)}}]`)
        .digest('hex')
        .slice(0, 12),
      render: () => renderSeed(input),
      write: () => writeNoCloudIso(renderSeed(input)),
    };
  };
}
