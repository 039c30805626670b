import { ProxmoxError } from '../errors/proxmox-error.js';
import type { GuestKind } from '../guests/guest-ref.js';
import {
  type Properties,
  type PropertyShape,
  parsePropertyString,
  printPropertyString,
} from './property-string.js';
import { shapeOfSetting } from './shape-of-setting.js';

/**
 * Takes any setting that is a property string apart, by its key: `parseSetting('qemu', 'hostpci0', '0000:01:00.0,pcie=1')`.
 * Keys come under their present names, in the order of the text.
 * @throws ProxmoxError PVE_PARAMETER when the text is malformed, PVE_OPTIONS when the setting is no property string
 */
export function parseSetting(kind: GuestKind, key: string, text: string): Properties {
  return parsePropertyString(requireShape(kind, key), text);
}

/** The inverse of parseSetting: the default key's value first and bare, the others in their order. */
export function printSetting(
  kind: GuestKind,
  key: string,
  properties: Readonly<Record<string, string | undefined>>,
): string {
  return printPropertyString(requireShape(kind, key), properties);
}

function requireShape(kind: GuestKind, key: string): PropertyShape {
  const shape = shapeOfSetting(kind, key);
  if (!shape)
    throw new ProxmoxError('PVE_OPTIONS', `expected a setting that is a property string, got ${key}`);
  return shape;
}
