import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultBootOrder, printBootOrder } from './boot-order.js';
import { isOption, ruleOfKey } from './config-keys.js';
import { parseSize, printSize } from './disk-size.js';
import { isCdrom, isCloudInitDrive, parseAllocation, parseDrive, printDrive } from './drive.js';
import { drawMac, parseNic, printNic } from './net.js';

describe('drives', () => {
  test.each([
    [
      'scsi0',
      'size=1G,ssd=on,discard=on,file=local:101/vm-101-disk-0.qcow2',
      'local:101/vm-101-disk-0.qcow2,discard=on,size=1G,ssd=1',
    ],
    ['ide2', 'media=cdrom,volume=local:iso/x.iso', 'local:iso/x.iso,media=cdrom'],
    ['efidisk0', 'a:b,pre-enrolled-keys=false,efitype=4m', 'a:b,efitype=4m,pre-enrolled-keys=0'],
  ])('%s=%s reads back as %s', (key, sent, printed) => {
    const drive = parseDrive(key, sent);
    expect(drive && printDrive(drive)).toBe(printed);
  });

  test('a CD-ROM with a format, or on virtio, cannot be parsed', () => {
    expect(parseDrive('ide2', 'none,media=cdrom,format=raw')).toBeUndefined();
    expect(parseDrive('virtio0', 'none,media=cdrom')).toBeUndefined();
  });

  test('a cloud-init drive is told by its name and counts as a CD-ROM', () => {
    for (const file of ['local:cloudinit', 'local:101/vm-101-cloudinit.qcow2', 'lvm:vm-9-cloudinit']) {
      const drive = parseDrive('ide2', file);
      expect(drive && [isCloudInitDrive(drive), isCdrom(drive)]).toEqual([true, true]);
    }
  });

  test('an allocation has no unit', () => {
    expect(parseAllocation('local:0.05')).toEqual({ storage: 'local', gib: 0.05 });
    expect(parseAllocation('8')).toEqual({ storage: undefined, gib: 8 });
    expect(parseAllocation('local:32G')).toBeUndefined();
  });
});

describe('sizes', () => {
  test.each([
    [53687296, '52429K'],
    [540672, '528K'],
    [1073741824, '1G'],
    [2 ** 40 * 3, '3T'],
    [1000, '1000'],
  ])('%d bytes are printed as %s', (bytes, text) => {
    expect(printSize(bytes)).toBe(text);
  });

  test('what is printed parses to the same number of bytes', () => {
    fc.assert(fc.property(fc.nat(2 ** 31 - 1), (bytes) => parseSize(printSize(bytes)) === bytes));
  });
});

describe('network interfaces', () => {
  test('options are sorted behind model and MAC', () => {
    expect(printNic(parseNic('bridge=vmbr0,tag=10,virtio=BC:24:11:DC:A9:CC,firewall=yes'))).toBe(
      'virtio=BC:24:11:DC:A9:CC,bridge=vmbr0,firewall=1,tag=10',
    );
    expect(printNic(parseNic('e1000,bridge=vmbr0,macaddr=bc:24:11:00:aa:bb'))).toBe(
      'e1000=bc:24:11:00:aa:bb,bridge=vmbr0',
    );
  });

  test('a drawn MAC keeps the prefix and is in capitals', () => {
    expect(drawMac('bc:24:11', () => 0.999)).toBe('BC:24:11:FF:FF:FF');
  });
});

test('a guest boots from its first disk, CD-ROM drive and interface', () => {
  expect(
    defaultBootOrder({
      net1: 'virtio',
      net0: 'virtio',
      ide2: 'none,media=cdrom',
      scsi1: 'local:1/x.raw',
      efidisk0: 'local:1/y.raw',
    }),
  ).toEqual(['scsi1', 'ide2', 'net0']);
  expect(printBootOrder(defaultBootOrder({}))).toBe(' ');
});

test('keys that no privilege covers are left to root', () => {
  expect(ruleOfKey('args')).toEqual({ kind: 'root' });
  expect(ruleOfKey('cores')).toEqual({ kind: 'privileges', anyOf: ['VM.Config.CPU'] });
  expect(ruleOfKey('ipconfig3').kind).toBe('privileges');
  expect([isOption('scsi30'), isOption('scsi31'), isOption('nosuchkey'), isOption('nameserver')]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
