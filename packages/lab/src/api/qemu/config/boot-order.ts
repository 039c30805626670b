import type { ConfigSection } from '../../../state/guest-config.js';
import { bootableDriveKeys, isCdrom, isDriveKey, parseDrive } from './drive.js';
import { parseProperties } from './property-string.js';

/** The devices of a `boot: order=…`, or undefined for the legacy form or none. */
export function parseBootOrder(boot: string | undefined): string[] | undefined {
  if (boot === undefined) return undefined;
  const { order } = parseProperties(boot, 'legacy');
  return order === undefined ? undefined : order.split(/[;\s]+/).filter((device) => device !== '');
}

/** Prints a boot order. Of no device PVE writes nothing, which it reads back as one blank. */
export function printBootOrder(devices: readonly string[]): string {
  return devices.length === 0 ? ' ' : `order=${devices.join(';')}`;
}

/** What a guest boots from when it says nothing: its first disk, its first CD-ROM drive, its first network interface. */
export function defaultBootOrder(config: ConfigSection): string[] {
  const firstDrive = (cdrom: boolean) =>
    bootableDriveKeys.find((key) => {
      const drive = config[key] === undefined ? undefined : parseDrive(key, config[key]);
      return drive !== undefined && isCdrom(drive) === cdrom;
    });
  const firstNic = Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .sort((left, right) => Number(left.slice(3)) - Number(right.slice(3)))[0];
  return [firstDrive(false), firstDrive(true), firstNic].filter((device) => device !== undefined);
}

/** The bootable drives of the order that is configured; PVE takes the size of the first disk among them for the guest's. */
export function bootDrives(config: ConfigSection): string[] {
  const order = parseBootOrder(config.boot);
  if (order === undefined) return config.bootdisk === undefined ? [] : [config.bootdisk];
  return order.filter(isDriveKey);
}
