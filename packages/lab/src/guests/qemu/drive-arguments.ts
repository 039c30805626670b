import type { JsonObject } from '../../state/json.js';
import type { AttachedDrive, GuestDefinition } from '../guest-runtime.js';
import { machineTypeOf } from './machine-type.js';
import { isOn, propertyParts } from './property-parts.js';

/** The real file behind a drive, with the format that its content has. */
export interface DriveFile {
  readonly path: string;
  readonly format: string;
}

/** The place of each bootable device in the boot order, by config key: `boot: order=scsi0;net0`, or the first disk, CD-ROM and NIC. */
export function bootIndexes(guest: GuestDefinition): ReadonlyMap<string, number> {
  const order = propertyParts(guest.config.boot, 'legacy').order?.split(';');
  const keys = order ?? [
    ...(guest.config.bootdisk === undefined ? [] : [guest.config.bootdisk]),
    ...guest.drives.filter((drive) => drive.media === 'disk').map((drive) => drive.key),
    ...guest.drives.filter((drive) => drive.media === 'cdrom').map((drive) => drive.key),
    ...Object.keys(guest.config).filter((key) => /^net\d+$/.test(key)),
  ];
  return new Map(keys.map((key, index) => [key, 100 + index]));
}

/** Controllers and drives. Throw-away speed is wanted here, not safety from power cuts: flushes are ignored. */
export function driveArguments(
  guest: GuestDefinition,
  files: ReadonlyMap<string, DriveFile>,
  boot: ReadonlyMap<string, number>,
): string[] {
  const args: string[] = [];
  for (const controller of controllersOf(guest)) args.push('-device', controller);
  for (const drive of guest.drives) {
    if (isFirmwareDisk(drive)) continue;
    const file = files.get(drive.key);
    if (file !== undefined) args.push('-blockdev', JSON.stringify(blockNode(drive, file)));
    args.push('-device', JSON.stringify(driveDevice(guest, drive, file !== undefined, boot.get(drive.key))));
  }
  return args;
}

/** EFI variables and TPM state are no drives of the guest's. */
export function isFirmwareDisk(drive: AttachedDrive): boolean {
  return drive.key.startsWith('efidisk') || drive.key.startsWith('tpmstate');
}

/** The block node of a drive, named after its key. */
export function blockNode(
  drive: AttachedDrive,
  file: DriveFile,
  nodeName = `drive-${drive.key}`,
): JsonObject {
  const isReadOnly = drive.media === 'cdrom' || isOn(drive.options.ro);
  return {
    'node-name': nodeName,
    driver: file.format,
    'read-only': isReadOnly,
    discard: isOn(drive.options.discard) ? 'unmap' : 'ignore',
    cache: { direct: false, 'no-flush': true },
    file: { driver: 'file', filename: file.path, cache: { direct: false, 'no-flush': true } },
  };
}

/** The device that shows a drive to the guest, in the place that its key says. */
export function driveDevice(
  guest: GuestDefinition,
  drive: AttachedDrive,
  hasMedium: boolean,
  bootIndex?: number,
): JsonObject {
  const [, bus = '', number = '0'] = /^([a-z]+)(\d+)$/.exec(drive.key) ?? [];
  const index = Number(number);
  const common: JsonObject = {
    id: drive.key,
    ...(hasMedium ? { drive: `drive-${drive.key}` } : {}),
    ...(bootIndex === undefined ? {} : { bootindex: bootIndex }),
    ...(drive.options.serial === undefined ? {} : { serial: decodeURIComponent(drive.options.serial) }),
  };
  const isCdrom = drive.media === 'cdrom';
  if (bus === 'virtio') return { driver: 'virtio-blk-pci', ...common };
  if (bus === 'ide') {
    // A q35 has one drive per bus.
    const place =
      machineTypeOf(guest.config) === 'q35'
        ? { bus: `ide.${index}`, unit: 0 }
        : { bus: `ide.${index >> 1}`, unit: index & 1 };
    return { driver: isCdrom ? 'ide-cd' : 'ide-hd', ...place, ...common };
  }
  if (bus === 'sata') return { driver: isCdrom ? 'ide-cd' : 'ide-hd', bus: `ahci0.${index}`, ...common };
  const rotation = isOn(drive.options.ssd) ? { rotation_rate: 1 } : {};
  return {
    driver: isCdrom ? 'scsi-cd' : 'scsi-hd',
    ...scsiPlace(guest, index),
    ...(isCdrom ? {} : rotation),
    ...common,
  };
}

function scsiPlace(guest: GuestDefinition, index: number): JsonObject {
  const hardware = guest.config.scsihw ?? 'lsi';
  if (hardware === 'virtio-scsi-single')
    return { bus: `virtioscsi${index}.0`, 'scsi-id': 0, lun: 0, channel: 0 };
  if (hardware === 'virtio-scsi-pci') return { bus: 'scsihw0.0', 'scsi-id': 0, lun: index, channel: 0 };
  return { bus: 'scsihw0.0', 'scsi-id': index };
}

/** The device that a SCSI drive's controller is; empty for other buses. */
export function scsiController(guest: GuestDefinition, key: string): string | undefined {
  const index = /^scsi(\d+)$/.exec(key)?.[1];
  if (index === undefined) return undefined;
  const hardware = guest.config.scsihw ?? 'lsi';
  if (hardware === 'virtio-scsi-single') return `virtio-scsi-pci,id=virtioscsi${index}`;
  const models: Readonly<Record<string, string>> = {
    'virtio-scsi-pci': 'virtio-scsi-pci',
    lsi: 'lsi53c895a',
    lsi53c810: 'lsi53c810',
    megasas: 'megasas',
    pvscsi: 'pvscsi',
  };
  return `${models[hardware] ?? 'lsi53c895a'},id=scsihw0`;
}

function controllersOf(guest: GuestDefinition): string[] {
  const controllers = new Set<string>();
  for (const drive of guest.drives) {
    if (isFirmwareDisk(drive)) continue;
    const controller = scsiController(guest, drive.key);
    if (controller !== undefined) controllers.add(controller);
    if (drive.key.startsWith('sata')) controllers.add('ich9-ahci,id=ahci0');
  }
  return [...controllers];
}
