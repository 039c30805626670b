import type { DeclaredMachine, DeclaredNetwork } from '../../config/model.js';
import { oncePer } from '../../config/once-per.js';
import type { WireValue } from '../../observe/inventory.js';
import { eachProperty, writeProperties } from '../property-string.js';

const models = new Set([
  'virtio',
  'e1000',
  'e1000e',
  'rtl8139',
  'vmxnet3',
  'i82551',
  'i82557b',
  'i82559er',
  'ne2k_isa',
  'ne2k_pci',
  'pcnet',
]);

/** A network device taken apart: `virtio=BC:24:11:00:00:01,bridge=vmbr0` has the model `virtio` and that MAC address. */
export interface NetDevice {
  readonly model: string;
  readonly mac?: string;
  /** Everything else, `bridge`, `tag`, … */
  readonly rest: ReadonlyMap<string, string>;
}

/** Takes a `netN` value apart; both forms of the model (`virtio=MAC` and `model=virtio,macaddr=MAC`) are understood. */
export function readNetDevice(text: string): NetDevice {
  let model = 'virtio';
  let mac: string | undefined;
  const rest = new Map<string, string>();
  eachProperty(text, (key, value) => {
    if (key === '' || key === 'model') model = value;
    else if (key === 'macaddr') mac = value;
    else if (models.has(key)) {
      model = key;
      mac = value;
    } else rest.set(key, value);
  });
  return mac === undefined ? { model, rest } : { model, mac, rest };
}

const listDeclaredProperties = oncePer(({ bridge, firewall, mtu, vlan }: DeclaredNetwork) => {
  const properties: (readonly [string, string])[] = [];
  if (bridge !== undefined) properties.push(['bridge', bridge]);
  if (firewall !== undefined) properties.push(['firewall', firewall ? '1' : '0']);
  if (mtu !== undefined) properties.push(['mtu', String(mtu)]);
  if (vlan !== undefined) properties.push(['tag', String(vlan)]);
  return properties;
});

/** The `netN` value that is declared, keeping what the live device has beyond the declaration, its MAC address first of all. */
export function desiredNetDevice(network: DeclaredNetwork, live: string | undefined): string {
  const device: NetDevice =
    live === undefined ? { model: 'virtio', rest: new Map<string, string>() } : readNetDevice(live);
  const mac = network.mac ?? device.mac;
  const model = network.model ?? device.model;
  const declared = listDeclaredProperties(network);
  const differs = declared.some(([key, value]) => device.rest.get(key) !== value);
  if (live !== undefined && !differs && mac === device.mac && model === device.model) return live;
  const first: [string, string] = mac === undefined ? ['', model] : [model, mac];
  return writeProperties(new Map([first, ...device.rest, ...declared]));
}

/**
 * Whether two `netN` values describe the same device. Case of MAC addresses and order do not matter, one that only one side has is no
 * difference, and `firewall=0` is the default.
 */
export function sameNetDevice(left: string, right: string): boolean {
  const devices = [readNetDevice(left), readNetDevice(right)] as const;
  const both = devices.every((device) => device.mac !== undefined);
  const print = (device: NetDevice) => {
    const rest = [...device.rest].filter(([key, value]) => !(key === 'firewall' && value === '0'));
    return [
      device.model,
      both ? (device.mac?.toUpperCase() ?? '') : '',
      ...rest.map(([key, value]) => `${key}=${value}`).sort(),
    ].join(',');
  };
  return print(devices[0]) === print(devices[1]);
}

/** MAC addresses of the declared interfaces by index: the declared ones, else those of the live devices. */
export function listMacs(
  declared: DeclaredMachine,
  config: Readonly<Record<string, WireValue>>,
): ReadonlyMap<number, string> {
  const macs = new Map<number, string>();
  for (const { index, mac } of declared.networks) {
    const live = config[`net${index}`];
    const known = mac ?? (live === undefined ? undefined : readNetDevice(String(live)).mac);
    if (known !== undefined) macs.set(index, known.toLowerCase());
  }
  return macs;
}
