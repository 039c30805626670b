import { isIPv4 } from 'node:net';
import { CloudinitError } from './cloudinit-error.js';
import type { JsonObject, JsonValue, SeedAddress, SeedNetwork } from './seed.js';
import { toYaml } from './yaml/to-yaml.js';

/**
 * The network-config of a seed, version 2: every interface is found by its MAC address and called `eth<index>`, as
 * Proxmox VE names them. `undefined` where no interface is declared.
 *
 * Default routes are written `0.0.0.0/0` and `::/0`: cloud-init 22.4 does not know the word `default`.
 *
 * @throws CloudinitError `CLOUDINIT_NETWORK`
 */
export function renderNetworkConfig(networks: readonly SeedNetwork[]): string | undefined {
  if (networks.length === 0) return undefined;
  const seen = new Map<string, string>();
  const ethernets = networks.map((network, place): readonly [string, JsonObject] => {
    const name = `eth${network.index ?? place}`;
    const mac = network.mac?.toLowerCase();
    if (mac === undefined && networks.length > 1) {
      throw fail(
        `Interface ${name} has no MAC address, and there are ${networks.length} interfaces.`,
        'With several interfaces each needs its MAC address.',
      );
    }
    if (mac !== undefined && !/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) {
      throw fail(
        `Interface ${name} has the MAC address ${JSON.stringify(network.mac)}; expected one such as 52:54:00:12:34:56.`,
      );
    }
    for (const key of [name, ...(mac === undefined ? [] : [mac])]) {
      const other = seen.get(key);
      if (other !== undefined) throw fail(`Interfaces ${other} and ${name} are the same: ${key}.`);
      seen.set(key, name);
    }
    return [
      name,
      {
        ...(mac === undefined ? { match: { name: 'e*' } } : { match: { macaddress: mac }, 'set-name': name }),
        ...settings(network, name),
      },
    ];
  });
  return toYaml({ version: 2, ethernets: Object.fromEntries(ethernets) });
}

function settings(network: SeedNetwork, name: string): JsonObject {
  const addresses: string[] = [];
  const routes: JsonObject[] = [];
  for (const address of [network.ipv4, network.ipv6]) {
    if (address?.kind !== 'static') continue;
    checkCidr(address, name);
    addresses.push(address.address);
    if (address.gateway !== undefined) routes.push(defaultRoute(address.address, address.gateway, name));
  }
  const nameservers: Record<string, JsonValue> = {};
  if ((network.nameservers ?? []).length > 0) nameservers.addresses = [...(network.nameservers ?? [])];
  if ((network.searchDomains ?? []).length > 0) nameservers.search = [...(network.searchDomains ?? [])];
  return {
    dhcp4: network.ipv4?.kind === 'dhcp',
    ...(network.ipv6 === undefined ? {} : { dhcp6: network.ipv6.kind === 'dhcp' }),
    ...(network.ipv6 === undefined || network.ipv6.kind === 'static' ? {} : { 'accept-ra': true }),
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(routes.length === 0 ? {} : { routes }),
    ...(Object.keys(nameservers).length === 0 ? {} : { nameservers }),
    ...(network.mtu === undefined ? {} : { mtu: network.mtu }),
  };
}

function defaultRoute(address: string, gateway: string, name: string): JsonObject {
  const length = Number(address.split('/')[1]);
  const v4 = isIPv4(gateway);
  if (v4 !== isIPv4(address.split('/')[0] ?? '')) {
    throw fail(`Interface ${name} has the address ${address} and the gateway ${gateway} of another family.`);
  }
  // Behind a prefix of one address the gateway is not in the network, and is reached over the link itself.
  const onLink = length === (v4 ? 32 : 128);
  return { to: v4 ? '0.0.0.0/0' : '::/0', via: gateway, ...(onLink ? { 'on-link': true } : {}) };
}

function checkCidr(address: SeedAddress & { readonly kind: 'static' }, name: string): void {
  if (!/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(address.address)) {
    throw fail(
      `Interface ${name} has the address ${JSON.stringify(address.address)}; expected one with its prefix, such as 10.0.0.101/24.`,
    );
  }
}

function fail(message: string, hint?: string): CloudinitError {
  return new CloudinitError({ code: 'CLOUDINIT_NETWORK', message, ...(hint === undefined ? {} : { hint }) });
}
