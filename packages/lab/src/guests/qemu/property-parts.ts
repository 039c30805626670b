/** A property string taken apart: `virtio=AA:…,bridge=vmbr0` → `{ virtio: 'AA:…', bridge: 'vmbr0' }`. A value without a key stands under `defaultKey`. */
export function propertyParts(
  text: string | undefined,
  defaultKey: string,
): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {};
  for (const part of (text ?? '').split(',')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) parts[defaultKey] = part;
    else parts[part.slice(0, equals)] = part.slice(equals + 1);
  }
  return parts;
}

/** PVE's booleans inside property strings and of plain keys. */
export function isOn(text: string | undefined): boolean {
  return text !== undefined && /^(1|on|yes|true)$/i.test(text);
}
