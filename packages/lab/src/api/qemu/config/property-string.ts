/** The parts of a property string, in the order given. A value without a key stands under the default key. */
export type Properties = Record<string, string>;

/**
 * Takes a property string (`local:100/vm.raw,size=1G,ssd=on`) apart. Its syntax has been verified before; unknown keys are kept.
 *
 * @param defaultKey The key of a value without one; such a value is dropped when there is none.
 */
export function parseProperties(text: string, defaultKey?: string): Properties {
  const properties: Properties = {};
  for (const part of text.split(',')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals >= 0) properties[part.slice(0, equals)] = part.slice(equals + 1);
    else if (defaultKey !== undefined) properties[defaultKey] = part;
  }
  return properties;
}

/** Prints properties as PVE does: the default key's value first and bare, then all others by name. */
export function printProperties(properties: Readonly<Properties>, defaultKey?: string): string {
  const parts: string[] = [];
  if (defaultKey !== undefined && properties[defaultKey] !== undefined) parts.push(properties[defaultKey]);
  for (const key of Object.keys(properties).sort()) {
    if (key !== defaultKey) parts.push(`${key}=${properties[key]}`);
  }
  return parts.join(',');
}

/** A boolean inside a property string: `1`, `on`, `yes`, `true` in any case, or their opposites; undefined otherwise. */
export function propertyBoolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(1|on|yes|true)$/i.test(text)) return true;
  return /^(0|off|no|false)$/i.test(text) ? false : undefined;
}
