import { type OtherProperties, otherProperties } from './other-properties.js';
import { BOOT_SHAPE } from './property-shapes.js';
import { parsePropertyString, printPropertyString } from './property-string.js';

/** Boot order of a machine: devices, or the letters `a`, `c`, `d`, `n` of old. A machine that nobody set it for has neither. */
export interface Boot extends OtherProperties {
  readonly order?: readonly string[];
  readonly legacy?: string;
}

/** Reads `order=scsi0;net0`, `cdn`, or the blank that PVE gives for none. */
export function parseBoot(text: string): Boot {
  const { order, legacy, ...rest } = parsePropertyString(BOOT_SHAPE, text);
  return {
    ...(order === undefined ? {} : { order: order.split(';').filter(Boolean) }),
    ...(legacy === undefined ? {} : { legacy }),
    ...otherProperties(rest),
  };
}

/** Prints a boot order as PVE does. */
export function printBoot({ order, legacy, others }: Boot): string {
  return printPropertyString(BOOT_SHAPE, {
    legacy,
    order: order && order.length > 0 ? order.join(';') : undefined,
    ...others,
  });
}
