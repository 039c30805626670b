import type { ConfigProblem } from '../config/config-problem.js';
import type { Config, JsonObject } from '../config/model.js';
import { inspectConfig } from '../config/parse-config.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { GuestKind } from '../kinds/guest-kind.js';
import { guestKinds } from '../kinds/guest-kinds.js';
import type { ImportedGuest } from '../kinds/import/imported-guest.js';
import type { Inventory, ObservedGuest } from '../observe/inventory.js';
import { isBeingMade } from '../observe/is-being-made.js';
import type { Notice } from '../plan/plan.js';

/** Which guests, and beside which configuration. */
export interface ImportRequest {
  /** `'all'`: every guest of the inventory that is not declared yet. */
  readonly targets: readonly number[] | 'all';
  /** Guests that are declared in it are refused, and its addresses are taken; default none. */
  readonly config?: Config;
  /** Imports also guests that `config` declares; default false. */
  readonly includeDeclared?: boolean;
}

/** Guests of a cluster as a configuration. */
export interface ImportedConfig {
  /** A whole file: `vms` and `lxc_configs`. Holds no secrets. */
  readonly file: JsonObject;
  readonly vmids: readonly number[];
  readonly notices: readonly Notice[];
}

function refuse(
  code: 'PHOENIX_GUEST_GONE' | 'PHOENIX_ALREADY_DECLARED' | 'PHOENIX_RESERVED',
  vmid: number,
  message: string,
  hint: string,
): PhoenixError {
  return new PhoenixError({ code, message, hint, details: { vmid } });
}

function selectGuests(inventory: Inventory, request: ImportRequest): readonly ObservedGuest[] {
  const { targets, config, includeDeclared = false } = request;
  const declared = new Map(includeDeclared ? [] : config?.guests.map((guest) => [guest.vmid, guest]));
  const guests = Object.values(inventory.guests).sort((left, right) => left.vmid - right.vmid);
  if (targets === 'all') return guests.filter((guest) => !declared.has(guest.vmid) && !isBeingMade(guest));
  return [...new Set(targets)]
    .sort((left, right) => left - right)
    .map((vmid) => {
      const guest = inventory.guests[String(vmid)];
      const known = declared.get(vmid);
      if (guest === undefined)
        throw refuse(
          'PHOENIX_GUEST_GONE',
          vmid,
          `${vmid} does not exist on the cluster.`,
          'Name guests that exist, or `--all`.',
        );
      if (known !== undefined) {
        const { file, line } = known.position;
        throw refuse(
          'PHOENIX_ALREADY_DECLARED',
          vmid,
          `${vmid} (${known.name}) is declared already, at ${file}:${line}.`,
          'Leave it out, or ask for it with `--include-declared`.',
        );
      }
      if (isBeingMade(guest))
        throw refuse(
          'PHOENIX_RESERVED',
          vmid,
          `${vmid} is only reserved: a ${guest.lock ?? 'create'} works on it, or was cut off.`,
          'Import it when it is finished.',
        );
      return guest;
    });
}

function printAlone({ section, declaration }: ImportedGuest, vmid: number): JsonObject {
  return section === 'vms' ? { vms: [declaration] } : { lxc_configs: { [vmid]: declaration } };
}

/** Keys of a declaration that the configuration would refuse. */
function refusedKeys(imported: ImportedGuest, vmid: number): readonly string[] {
  const { problems } = inspectConfig([
    { file: '/import.json', text: JSON.stringify(printAlone(imported, vmid)) },
  ]);
  const isError = ({ severity }: ConfigProblem) => severity === 'error';
  return problems.filter(isError).flatMap(({ path: [, , key, option] }) => {
    if (key === undefined) return [];
    return [key === 'pve_options' && option !== undefined ? `pve_options.${option}` : String(key)];
  });
}

/** What must be one guest's alone: addresses of devices, and of hosts in their network. */
function uniquesOf(declaration: JsonObject): readonly string[] {
  const { network_config: networks } = declaration;
  if (!Array.isArray(networks)) return [];
  return networks.flatMap((network: JsonObject) => {
    const addresses = [network.ip, network.ip6].filter((ip) => String(ip ?? '').includes('/'));
    return [
      ...(network.mac === undefined ? [] : [`mac ${String(network.mac)}`]),
      ...addresses.map(
        (ip) =>
          `${String(network.bridge ?? '')} ${String(network.vlan ?? '')} ${String(ip).replace(/\/.*/, '')}`,
      ),
    ];
  });
}

function declaredUniques(config: Config | undefined): readonly string[] {
  return (config?.guests ?? []).flatMap((guest) =>
    guest.networks.flatMap(({ mac, ipv4, ipv6, bridge, vlan }) => [
      ...(mac === undefined ? [] : [`mac ${mac}`]),
      ...[ipv4, ipv6].flatMap((address) =>
        address?.kind === 'static'
          ? [`${bridge ?? ''} ${vlan ?? ''} ${address.address.replace(/\/.*/, '')}`]
          : [],
      ),
    ]),
  );
}

function noticeMarked(guest: ObservedGuest): readonly Notice[] {
  if (guest.marker === undefined || guest.marker.from === 'adopted') return [];
  const names = guest.marker.names ?? [];
  const features = names.length === 0 ? '' : ` and its features (${names.join(', ')})`;
  return [
    {
      code: 'import-managed',
      message: `${guest.vmid} (${guest.name ?? ''}) was made by Phoenix. Its seed (user, keys, addresses)${features} cannot be read back: complete the declaration, or the next plan will change them.`,
      vmid: guest.vmid,
    },
  ];
}

/** Writes one guest down, leaving out what the configuration would not take, until it takes the rest. */
function importOne(
  kind: GuestKind,
  guest: ObservedGuest,
  nameNode: boolean,
  isTaken: (unique: string) => boolean,
): ImportedGuest {
  const without = new Set<string>();
  for (;;) {
    const imported = kind.import(guest, { nameNode, without });
    const clash = uniquesOf(imported.declaration).some(isTaken) ? ['network_config'] : [];
    const refused = [...refusedKeys(imported, guest.vmid), ...clash];
    const news = refused.filter((key) => !without.has(key));
    if (news.length === 0) {
      const dropped = [...without].filter((key) => !/^(?:network_config$|pve_options\.)/.test(key));
      if (dropped.length === 0) return imported;
      const message = `${guest.vmid} (${guest.name ?? ''}): ${dropped.join(', ')} would not be a valid value here and is left out; it stays as it is.`;
      return {
        ...imported,
        notices: [...imported.notices, { code: 'import-not-declared', message, vmid: guest.vmid }],
      };
    }
    for (const key of news) without.add(key);
  }
}

/**
 * Guests of a cluster as a configuration, such that planning it with `adopt` claims them and changes nothing else, and after that nothing at all.
 * Pure. What has no key is an option of `pve_options` where it may be set, and is named in a notice where it may not.
 * @throws {PhoenixError} `PHOENIX_GUEST_GONE`, `PHOENIX_ALREADY_DECLARED`, `PHOENIX_RESERVED` for a guest that was named
 */
export function importGuests(inventory: Inventory, request: ImportRequest): ImportedConfig {
  const guests = selectGuests(inventory, request);
  const taken = new Set(declaredUniques(request.includeDeclared === true ? undefined : request.config));
  const machines: JsonObject[] = [];
  const containers: Record<string, JsonObject> = {};
  const notices: Notice[] = [];
  for (const guest of guests) {
    const kind = guestKinds.find((candidate) => candidate.kind === guest.kind);
    if (kind === undefined) continue;
    const imported = importOne(kind, guest, inventory.nodes.length > 1, (unique) => taken.has(unique));
    for (const unique of uniquesOf(imported.declaration)) taken.add(unique);
    if (imported.section === 'vms') machines.push(imported.declaration);
    else containers[String(guest.vmid)] = imported.declaration;
    notices.push(...imported.notices, ...noticeMarked(guest));
  }
  return {
    file: {
      ...(machines.length === 0 ? {} : { vms: machines }),
      ...(Object.keys(containers).length === 0 ? {} : { lxc_configs: containers }),
    },
    vmids: guests.map((guest) => guest.vmid),
    notices,
  };
}
