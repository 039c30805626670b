import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAgent, printAgent } from './agent.js';
import { parseBoot, printBoot } from './boot.js';
import { equalDrives, parseDrive, printDrive } from './drive.js';
import { equalSettings } from './equal-settings.js';
import { equalNets, parseLxcNet, parseNet, printLxcNet, printNet } from './net.js';
import { parseSetting, printSetting } from './parse-setting.js';
import {
  equalProperties,
  parsePropertyString,
  parseSize,
  printPropertyString,
  printSize,
} from './property-string.js';
import { shapeOfSetting } from './shape-of-setting.js';
import { parseSshKeys, printSshKeys } from './ssh-keys.js';
import { parseStartup, printStartup } from './startup.js';
import { parseTags, printTags } from './tags.js';

const key = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const value = fc
  .string({ minLength: 1, maxLength: 20 })
  .filter((text) => !text.includes(',') && text.trim() !== '');

describe('the grammar', () => {
  test('what is printed reads back as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), (properties) => {
        for (const shape of [{}, { defaultKey: 'a' }]) {
          expect({ ...parsePropertyString(shape, printPropertyString(shape, properties)) }).toEqual({
            ...properties,
          });
        }
      }),
    );
  });

  test('the order of the parts does not count', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 2 }), (properties) => {
        const turned = Object.fromEntries(Object.entries(properties).reverse());
        expect(equalProperties({}, properties, turned)).toBe(true);
      }),
    );
  });

  test('another value is a difference', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1 }), (properties) => {
        const [first = ''] = Object.keys(properties);
        expect(equalProperties({}, properties, { ...properties, [first]: `${properties[first]}x` })).toBe(
          false,
        );
      }),
    );
  });

  test.each([
    ['a bare value where no default key is known', 'vmbr0'],
    ['a key twice', 'a=1,a=2'],
    ['a key without a value', 'a='],
    ['a value without a key', '=1'],
  ])('refuses %s', (_case, text) => {
    expect(() => parsePropertyString({}, text)).toThrow(expect.objectContaining({ code: 'PVE_PARAMETER' }));
  });

  test('a value with a comma cannot be printed', () => {
    expect(() => printDrive({ file: 'local:iso/a,b.iso' })).toThrow(
      expect.objectContaining({ code: 'PVE_PARAMETER' }),
    );
  });

  test('sizes are printed with the largest exact unit and read back', () => {
    expect([32 * 1024 ** 3, 2252 * 1024 ** 2, 528 * 1024, 100].map(printSize)).toEqual([
      '32G',
      '2252M',
      '528K',
      '100',
    ]);
    fc.assert(fc.property(fc.nat(), (bytes) => parseSize(printSize(bytes)) === bytes));
  });
});

describe('drives', () => {
  test('a volume, its options and unknown keys are kept', () => {
    const text = 'local-lvm:vm-100-disk-0,discard=on,size=32G,ssd=1,future=x';
    expect(parseDrive(text)).toEqual({
      file: 'local-lvm:vm-100-disk-0',
      discard: 'on',
      size: '32G',
      ssd: '1',
      future: 'x',
    });
    expect(printDrive(parseDrive(text))).toBe(text);
  });

  test('a declared drive equals what the server made of it', () => {
    expect(equalDrives('local:iso/x.iso,media=cdrom', 'local:iso/x.iso,media=cdrom,size=368K')).toBe(true);
    expect(
      equalDrives(
        'local-lvm:vm-1-disk-0,ssd=on,discard=on',
        'local-lvm:vm-1-disk-0,discard=on,size=32G,ssd=1',
      ),
    ).toBe(true);
    expect(equalDrives('local-lvm:vm-1-disk-0', 'local-lvm:vm-1-disk-0,ssd=1')).toBe(false);
    expect(equalDrives('local-lvm:vm-1-disk-0', 'local-lvm:vm-1-disk-1')).toBe(false);
  });
});

describe('network cards', () => {
  test('model and MAC stand in one part', () => {
    const text = 'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1';
    expect(parseNet(text)).toEqual({
      model: 'virtio',
      macaddr: 'BC:24:11:00:00:01',
      bridge: 'vmbr0',
      firewall: '1',
    });
    expect(printNet(parseNet(text))).toBe(text);
    expect(printNet(parseNet('virtio,bridge=vmbr0'))).toBe('virtio,bridge=vmbr0');
    expect(parseNet('model=virtio,macaddr=bc:24:11:00:00:01')).toEqual({
      model: 'virtio',
      macaddr: 'bc:24:11:00:00:01',
    });
  });

  test('a MAC counts only when it is declared', () => {
    expect(equalNets('virtio,bridge=vmbr0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0')).toBe(true);
    expect(equalNets('virtio=bc:24:11:00:00:01,bridge=vmbr0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0')).toBe(
      true,
    );
    expect(equalNets('virtio=BC:24:11:00:00:02,bridge=vmbr0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0')).toBe(
      false,
    );
    expect(equalNets('virtio,bridge=vmbr0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=5')).toBe(false);
  });

  test('containers name their cards and keep addresses there', () => {
    const text = 'name=eth0,bridge=vmbr0,ip=10.0.0.5/24,gw=10.0.0.1';
    expect(printLxcNet(parseLxcNet(text))).toBe(text);
    expect(
      equalSettings(
        'lxc',
        'net0',
        text,
        'name=eth0,bridge=vmbr0,gw=10.0.0.1,hwaddr=BC:24:11:00:00:01,ip=10.0.0.5/24,type=veth',
      ),
    ).toBe(true);
  });
});

/** Every setting that is a property string. */
const SETTINGS = [
  ['qemu', 'scsi0'],
  ['qemu', 'ide2'],
  ['qemu', 'efidisk0'],
  ['qemu', 'net0'],
  ['qemu', 'ipconfig0'],
  ['qemu', 'agent'],
  ['qemu', 'boot'],
  ['qemu', 'startup'],
  ['qemu', 'hostpci0'],
  ['qemu', 'cpu'],
  ['qemu', 'vga'],
  ['qemu', 'usb3'],
  ['qemu', 'numa0'],
  ['lxc', 'net0'],
  ['lxc', 'rootfs'],
  ['lxc', 'mp12'],
  ['lxc', 'features'],
  ['lxc', 'startup'],
] as const;

describe.each(SETTINGS)('of %s, %s', (kind, name) => {
  const shape = shapeOfSetting(kind, name) ?? {};
  const known = [shape.defaultKey, ...(shape.booleans ?? []), ...(shape.lists ?? []), 'x'].flatMap(
    (one) => one ?? [],
  );
  const properties = fc.dictionary(fc.oneof(fc.constantFrom(...known), key), value, { minKeys: 1 });

  test('nothing is lost on the way there and back', () => {
    fc.assert(
      fc.property(properties, (wanted) => {
        const text = printSetting(kind, name, wanted);
        expect({ ...parseSetting(kind, name, text) }).toEqual(wanted);
        expect(printSetting(kind, name, parseSetting(kind, name, text))).toBe(text);
      }),
    );
  });

  test('order means nothing, and every value something', () => {
    fc.assert(
      fc.property(properties, fc.nat(), (wanted, seed) => {
        const entries = Object.entries(wanted);
        const turned = Object.fromEntries([
          ...entries.slice(seed % entries.length),
          ...entries.slice(0, seed % entries.length),
        ]);
        const text = printSetting(kind, name, wanted);
        expect(equalSettings(kind, name, text, printSetting(kind, name, turned))).toBe(true);
        const [first = '', told = ''] = entries[0] ?? [];
        const other = printSetting(kind, name, { ...wanted, [first]: `${told}!` });
        expect(equalSettings(kind, name, text, other)).toBe(false);
      }),
    );
  });
});

describe('settings', () => {
  test('agent, boot and startup keep what they do not know by name', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^new_[a-z0-9]{1,6}$/).filter((name) => name !== 'new_'),
          value,
          { minKeys: 1 },
        ),
        (others) => {
          expect(parseAgent(printAgent({ enabled: true, freezeFs: false, others }))).toEqual({
            enabled: true,
            freezeFs: false,
            others,
          });
          expect(parseBoot(printBoot({ order: ['scsi0'], others }))).toEqual({ order: ['scsi0'], others });
          expect(parseStartup(printStartup({ order: 1, others }))).toEqual({ order: 1, others });
        },
      ),
    );
  });

  test('tags are the same set in any order, and print as PVE keeps them', () => {
    const tag = fc.stringMatching(/^[a-z0-9_][a-z0-9_+.-]{0,9}$/);
    fc.assert(
      fc.property(fc.uniqueArray(tag, { maxLength: 6 }), fc.constantFrom(',', ';', ' ', ', '), (tags, by) => {
        expect(parseTags(tags.join(by))).toEqual(tags.toSorted());
        expect(parseTags(printTags(tags))).toEqual(tags.toSorted());
        expect(equalSettings('qemu', 'tags', tags.toReversed().join(by), printTags(tags))).toBe(true);
      }),
    );
  });

  test('keys of any comment come back as they were', () => {
    const sshKey = fc
      .tuple(fc.base64String({ minLength: 16 }), fc.string({ unit: 'grapheme', maxLength: 12 }))
      .map(([blob, comment]) => `ssh-ed25519 ${blob} ${comment.replace(/\s+/g, ' ')}`.trim());
    fc.assert(
      fc.property(fc.array(sshKey, { maxLength: 4 }), (keys) => {
        expect(parseSshKeys(printSshKeys(keys))).toEqual(keys);
        expect(equalSettings('qemu', 'sshkeys', printSshKeys(keys), `${printSshKeys(keys)}%0A`)).toBe(true);
      }),
    );
    expect(parseSshKeys('ssh-rsa AAAA 100% me')).toEqual(['ssh-rsa AAAA 100% me']);
  });

  test('agent, boot and startup read back in all their spellings', () => {
    expect(parseAgent('1')).toEqual({ enabled: true });
    expect(parseAgent('enabled=yes,fstrim_cloned_disks=1,freeze-fs-on-backup=0,type=virtio')).toEqual({
      enabled: true,
      fstrimClonedDisks: true,
      freezeFs: false,
      type: 'virtio',
    });
    expect(printAgent({ enabled: true, freezeFs: false })).toBe('1,freeze-fs-on-backup=0');
    expect(parseBoot('order=scsi0;net0')).toEqual({ order: ['scsi0', 'net0'] });
    expect(parseBoot('cdn')).toEqual({ legacy: 'cdn' });
    expect(parseBoot(' ')).toEqual({});
    expect(printBoot({ order: ['scsi0', 'net0'] })).toBe('order=scsi0;net0');
    expect(parseStartup('3,up=30')).toEqual({ order: 3, upSeconds: 30 });
    expect(printStartup({ order: 3, downSeconds: 10 })).toBe('order=3,down=10');
  });

  test('any setting that is a property string can be taken apart and put together', () => {
    const text = '0000:01:00.0;0000:01:00.1,pcie=1,x-vga=1';
    expect(parseSetting('qemu', 'hostpci0', text)).toEqual({
      host: '0000:01:00.0;0000:01:00.1',
      pcie: '1',
      'x-vga': '1',
    });
    expect(printSetting('qemu', 'hostpci0', parseSetting('qemu', 'hostpci0', text))).toBe(text);
    expect(parseSetting('lxc', 'mp3', 'local:101/vm-101-disk-1.raw,mp=/data')).toEqual({
      volume: 'local:101/vm-101-disk-1.raw',
      mp: '/data',
    });
    expect(() => parseSetting('qemu', 'cores', '2')).toThrow(
      expect.objectContaining({ code: 'PVE_OPTIONS' }),
    );
  });

  test('tags are a set', () => {
    expect(parseTags('web; db,web')).toEqual(['db', 'web']);
    expect(printTags(['b', 'a'])).toBe('a;b');
  });

  test('keys survive their encoding', () => {
    const keys = ['ssh-ed25519 AAAA+/= me@host', 'ssh-rsa BBBB'];
    expect(printSshKeys(keys)).not.toMatch(/[ +]/);
    expect(parseSshKeys(printSshKeys(keys))).toEqual(keys);
  });

  test.each([
    ['qemu', 'agent', '1', 'enabled=1'],
    ['qemu', 'agent', true, '1'],
    ['qemu', 'boot', 'order=scsi0;ide2', 'order=scsi0;ide2'],
    ['qemu', 'memory', 2048, '2048'],
    ['qemu', 'onboot', '1', true],
    ['qemu', 'cpulimit', 2, '2.0'],
    ['qemu', 'tags', 'b,a', 'a;b'],
    ['qemu', 'ipconfig0', 'ip=dhcp,ip6=auto', 'ip6=auto,ip=dhcp'],
    ['qemu', 'cpu', 'host', 'cputype=host'],
    ['qemu', 'hostpci0', '0000:01:00.0,pcie=1', 'pcie=1,host=0000:01:00.0'],
    ['lxc', 'description', 'hello', 'hello\n'],
    ['lxc', 'rootfs', 'local:101/vm-101-disk-0.raw', 'local:101/vm-101-disk-0.raw,size=8G'],
    ['lxc', 'features', 'nesting=1', 'nesting=1,keyctl=0'],
  ] as const)('%s %s: %j is %j', (kind, name, declared, actual) => {
    expect(equalSettings(kind, name, declared, actual)).toBe(true);
  });

  test.each([
    ['qemu', 'boot', 'order=scsi0;net0', 'order=net0;scsi0'],
    ['qemu', 'agent', '1', '0'],
    ['qemu', 'name', 'a', 'b'],
    ['qemu', 'description', undefined, ''],
    ['qemu', 'name', 'v1', 'v1.0'],
    ['lxc', 'net0', 'name=eth0,bridge=vmbr0', 'name=eth0,bridge=vmbr1'],
  ] as const)('%s %s: %j is not %j', (kind, name, declared, actual) => {
    expect(equalSettings(kind, name, declared, actual)).toBe(false);
  });
});
