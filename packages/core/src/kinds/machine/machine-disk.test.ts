import { expect, test } from 'vitest';
import { findBootDisk } from './machine-disk.js';

const cdrom = 'local:iso/debian.iso,media=cdrom,size=4G';
const disk = (number: number) => `local:8001/vm-8001-disk-${number}.qcow2,size=${number + 1}G`;

test.each([
  [
    'the first disk of the boot order',
    { boot: 'order=ide2;net0;sata1;scsi0', ide2: cdrom, sata1: disk(1), scsi0: disk(0) },
    'sata1',
  ],
  [
    'the usual slot where the order names no disk',
    { boot: 'order=net0', ide2: cdrom, virtio0: disk(1), sata3: disk(0) },
    'virtio0',
  ],
  ['the usual slot without an order', { scsi1: disk(1), scsi0: disk(0) }, 'scsi0'],
  ['the first of any slot', { boot: 'order=', ide3: cdrom, scsi4: disk(1), sata2: disk(0) }, 'sata2'],
])('the boot disk is %s', (_, config, slot) => {
  expect(findBootDisk(config)?.slot).toBe(slot);
});

test('a machine without disks has none to boot from', () => {
  expect(
    findBootDisk({ boot: 'order=ide2', ide2: cdrom, ide0: 'local:8001/vm-8001-cloudinit.qcow2,media=cdrom' }),
  ).toBeUndefined();
});

test('the volume of a boot disk is found under either of its names, with its size', () => {
  expect(findBootDisk({ scsi0: 'size=2G,file=local:8001/vm-8001-disk-0.qcow2' })).toEqual({
    slot: 'scsi0',
    volid: 'local:8001/vm-8001-disk-0.qcow2',
    bytes: 2 * 2 ** 30,
  });
});
