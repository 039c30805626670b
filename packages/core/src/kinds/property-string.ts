/** A property string of Proxmox VE taken apart, in its order: `virtio=AA:…,bridge=vmbr0`. A part without a key has the key `''`. */
export type Properties = ReadonlyMap<string, string>;

/** Calls `take` with each part of a property string. There is no escaping in them: a comma never occurs in a value (pve-common JSONSchema.pm). */
export function eachProperty(text: string, take: (key: string, value: string) => void): void {
  for (let start = 0, end: number; start < text.length; start = end + 1) {
    const comma = text.indexOf(',', start);
    end = comma < 0 ? text.length : comma;
    const cut = text.indexOf('=', start);
    if (cut >= 0 && cut < end) take(text.slice(start, cut), text.slice(cut + 1, end));
    else if (end > start) take('', text.slice(start, end));
  }
}

/** Takes a property string apart. */
export function readProperties(text: string): Properties {
  const properties = new Map<string, string>();
  eachProperty(text, (key, value) => properties.set(key, value));
  return properties;
}

/** One part of a property string, `''` for the one without a key. */
export function readProperty(text: string, name: string): string | undefined {
  if (!text.includes(name)) return undefined;
  let found: string | undefined;
  eachProperty(text, (key, value) => {
    if (key === name) found = value;
  });
  return found;
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
