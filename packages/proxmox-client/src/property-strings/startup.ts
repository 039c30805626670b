import { type OtherProperties, otherProperties } from './other-properties.js';
import { STARTUP_SHAPE } from './property-shapes.js';
import { parsePropertyString, printPropertyString } from './property-string.js';

/** When a guest starts with its node, and how long the node waits. */
export interface Startup extends OtherProperties {
  readonly order?: number;
  /** Seconds before the next guest is started. */
  readonly upSeconds?: number;
  /** Seconds that the guest has to shut down. */
  readonly downSeconds?: number;
}

/** @throws ProxmoxError PVE_PARAMETER when the text is no startup setting */
export function parseStartup(text: string): Startup {
  const { order, up, down, ...rest } = parsePropertyString(STARTUP_SHAPE, text);
  return {
    ...(order === undefined ? {} : { order: Number(order) }),
    ...(up === undefined ? {} : { upSeconds: Number(up) }),
    ...(down === undefined ? {} : { downSeconds: Number(down) }),
    ...otherProperties(rest),
  };
}

/** Prints with all keys named: `order=1,up=30`. */
export function printStartup({ order, upSeconds, downSeconds, others }: Startup): string {
  const { defaultKey: _bare, ...named } = STARTUP_SHAPE;
  return printPropertyString(named, {
    order: text(order),
    up: text(upSeconds),
    down: text(downSeconds),
    ...others,
  });
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
