import { hash } from 'node:crypto';
import {
  hashPassword,
  isPasswordHash,
  renderSeed,
  type SeedInput,
  type SeedNetwork,
  saltFor,
  writeNoCloudIso,
} from '@phoenix/cloudinit';
import type { DeclaredMachine, DeclaredNetwork } from '../../config/model.js';
import { resolveSecrets } from '../../secrets/resolve-secrets.js';
import type { GuestSeed, SeedSurroundings } from '../guest-kind.js';
import { describeVolumes } from './describe-volumes.js';

/** Raised when equal input would give another seed than before: machines then get a new one at their next orchestration. */
const seedVersion = 1;

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

/**
 * Prepares the seed of a machine from its declaration and the cloud-config of its features. Secrets are resolved here, once; the function
 * that comes back is pure. Addresses belong to interfaces by their MAC addresses, which only the cluster knows.
 * @throws {PhoenixError} `PHOENIX_SECRET`
 */
export async function createMachineSeed(
  declared: DeclaredMachine,
  { featureConfigs, secrets, disguise }: SeedSurroundings,
): Promise<(macs: ReadonlyMap<number, string>) => GuestSeed> {
  const { name, userDataTemplate, networks } = declared;
  const user = declared.user === undefined ? undefined : await resolveSecrets(declared.user, secrets);
  const ready = user?.password === undefined || isPasswordHash(user.password);
  const passwordBy = (hash: (username: string, password: string) => string) =>
    ready ? user?.password : hash(user.username, user.password);
  const describe = (password: string | undefined): Omit<SeedInput, 'networks'> => ({
    name,
    cloudConfigs: [...featureConfigs, ...describeVolumes(declared.volumes)],
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
            ...(password === undefined ? {} : { password }),
          },
        }),
  });
  // What the digest is taken of, up to the networks: the same for every set of MAC addresses.
  const digested = describe(passwordBy(disguise));
  const begun = JSON.stringify([seedVersion, declared.vmid, digested]).slice(0, -2);
  return (macs) => {
    const described = networks.map((network) => describeNetwork(network, macs.get(network.index)));
    const render = () => {
      const password = passwordBy((username, clear) => hashPassword(clear, saltFor(`${name}\0${username}`)));
      return renderSeed({ ...describe(password), networks: described });
    };
    return {
      digest: hash('sha256', `${begun},"networks":${JSON.stringify(described)}}]`).slice(0, 12),
      render,
      write: () => writeNoCloudIso(render()),
    };
  };
}
