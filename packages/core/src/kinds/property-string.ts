/** A property string of Proxmox VE taken apart, in its order: `virtio=AA:…,bridge=vmbr0`. A part without a key has the key `''`. */
export type Properties = ReadonlyMap<string, string>;

/** Takes a property string apart. There is no escaping in them: a comma never occurs in a value (pve-common JSONSchema.pm). */
export function readProperties(text: string): Properties {
  const properties = new Map<string, string>();
  for (const part of text.split(',')) {
    if (part === '') continue;
    const cut = part.indexOf('=');
    if (cut < 0) properties.set('', part);
    else properties.set(part.slice(0, cut), part.slice(cut + 1));
  }
  return properties;
}

/** Puts a property string together, in the order of the map. */
export function writeProperties(properties: Properties): string {
  return [...properties].map(([key, value]) => (key === '' ? value : `${key}=${value}`)).join(',');
}

/** Whether two property strings say the same, whatever the order of their parts. */
export function sameProperties(left: string, right: string): boolean {
  const print = (text: string) =>
    [...readProperties(text)]
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(',');
  return print(left) === print(right);
}
