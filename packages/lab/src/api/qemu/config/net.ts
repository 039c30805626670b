import { type Properties, parseProperties, printProperties, propertyBoolean } from './property-string.js';

/** Models that may stand as key with the MAC as value: `virtio=BC:24:11:…`. */
const models = new Set([
  'e1000',
  'e1000-82540em',
  'e1000-82544gc',
  'e1000-82545em',
  'e1000e',
  'i82551',
  'i82557b',
  'i82559er',
  'ne2k_isa',
  'ne2k_pci',
  'pcnet',
  'rtl8139',
  'virtio',
  'vmxnet3',
]);

/** A network interface of a guest. */
export interface Nic {
  readonly model: string;
  readonly macaddr?: string;
  /** `bridge`, `tag`, `firewall`, `trunks`, `rate`, `queues`, `mtu`, `link_down`. */
  readonly options: Readonly<Properties>;
}

/** Parses the value of a `netN`. */
export function parseNic(text: string): Nic {
  const { model, macaddr, ...rest } = parseProperties(text, 'model');
  let name = model ?? 'virtio';
  let mac = macaddr;
  const options: Properties = {};
  for (const [key, value] of Object.entries(rest)) {
    if (models.has(key)) {
      name = key;
      mac = value;
    } else if (key === 'firewall' || key === 'link_down')
      options[key] = propertyBoolean(value) === false ? '0' : '1';
    else options[key] = value;
  }
  return { model: name, ...(mac !== undefined && { macaddr: mac }), options };
}

/** Prints an interface: `model=MAC` first, then its options by name. */
export function printNic(nic: Nic): string {
  const rest = printProperties(nic.options);
  const first = nic.macaddr === undefined ? nic.model : `${nic.model}=${nic.macaddr}`;
  return rest === '' ? first : `${first},${rest}`;
}

/** A MAC with this prefix (`BC:24:11`, or what datacenter.cfg says) and drawn remaining octets, in capitals. */
export function drawMac(prefix: string, random: () => number): string {
  const octets = prefix.toUpperCase().split(':');
  while (octets.length < 6)
    octets.push(
      Math.floor(random() * 256)
        .toString(16)
        .toUpperCase()
        .padStart(2, '0'),
    );
  return octets.join(':');
}
