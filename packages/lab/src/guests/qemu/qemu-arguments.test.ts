import { describe, expect, it } from 'vitest';
import type { GuestDefinition } from '../guest-runtime.js';
import { guestFiles } from './guest-files.js';
import { qemuArguments } from './qemu-arguments.js';

const files = guestFiles('/run/lab', 100);
const define = (config: Record<string, string>, drives: GuestDefinition['drives'] = []): GuestDefinition => ({
  vmid: 100,
  node: 'pve',
  name: 'web',
  config,
  drives,
});
const args = (guest: GuestDefinition, accelerator: 'kvm' | 'tcg' = 'tcg'): string =>
  qemuArguments(guest, {
    accelerator,
    files,
    drives: new Map(guest.drives.map((drive) => [drive.key, { path: `/d/${drive.key}`, format: 'qcow2' }])),
    networks: new Map([
      ['net0', { net: '10.0.2.0/24', host: '10.0.2.2', dns: '10.0.2.3', dhcpStart: '10.0.2.15' }],
    ]),
  }).join(' ');

describe('the command line of a guest', () => {
  it('maps processor models that translation cannot do well to Nehalem, and keeps those that it can', () => {
    expect(args(define({ cpu: 'host' }))).toContain('-cpu Nehalem ');
    expect(args(define({ cpu: 'cputype=x86-64-v2-AES' }))).toContain('-cpu Nehalem ');
    expect(args(define({ cpu: 'qemu64' }))).toContain('-cpu qemu64 ');
    expect(args(define({}))).toContain('-cpu Nehalem ');
  });

  it('uses KVM where it works, unless the configuration says not to', () => {
    expect(args(define({ cpu: 'host' }), 'kvm')).toContain('-accel kvm -cpu host ');
    expect(args(define({ kvm: '0' }), 'kvm')).toContain('-accel tcg');
  });

  it('gives the processors and the memory that the configuration declares', () => {
    expect(args(define({ sockets: '2', cores: '3', memory: '768' }))).toContain(
      '-smp 6,sockets=2,cores=3,maxcpus=6 -m 768',
    );
    expect(args(define({ machine: 'pc-q35-9.2+pve1' }))).toContain('-machine q35,');
  });

  it('has an agent port only if the agent is enabled, and a serial port only if there is one', () => {
    expect(args(define({ agent: 'enabled=1,fstrim_cloned_disks=1' }))).toContain(
      'name=org.qemu.guest_agent.0',
    );
    expect(args(define({ agent: '0' }))).not.toContain('guest_agent');
    expect(args(define({ serial0: 'socket' }))).toContain(`logfile=${files.serialLog}`);
    expect(args(define({}))).not.toContain('isa-serial');
  });

  it('puts drives where their keys say, in the declared boot order', () => {
    const line = args(
      define(
        {
          boot: 'order=scsi0;ide2',
          scsihw: 'virtio-scsi-single',
          net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
        },
        [
          {
            key: 'scsi0',
            media: 'disk',
            options: { discard: 'on', ssd: '1' },
            file: { node: 'pve', path: '/x', format: 'qcow2' },
          },
          { key: 'ide2', media: 'cdrom', options: {}, file: { node: 'pve', path: '/y', format: 'raw' } },
        ],
      ),
    );
    expect(line).toContain('virtio-scsi-pci,id=virtioscsi0');
    expect(line).toContain(
      '"driver":"scsi-hd","bus":"virtioscsi0.0","scsi-id":0,"lun":0,"channel":0,"rotation_rate":1,"id":"scsi0","drive":"drive-scsi0","bootindex":100',
    );
    expect(line).toContain(
      '"driver":"ide-cd","bus":"ide.1","unit":0,"id":"ide2","drive":"drive-ide2","bootindex":101',
    );
    expect(line).toContain('"mac":"bc:24:11:00:00:01"');
    expect(line).not.toContain('"bootindex":102');
  });

  it('passes SMBIOS values on, decoded', () => {
    expect(
      args(
        define({
          smbios1: `uuid=0f4c7a7c-68a2-423d-b7e4-a114f37cba20,serial=${Buffer.from('a,b').toString('base64')},base64=1`,
        }),
      ),
    ).toContain('-smbios type=1,uuid=0f4c7a7c-68a2-423d-b7e4-a114f37cba20,serial=a,,b');
  });

  it('takes raw arguments apart as a shell would', () => {
    const list = qemuArguments(define({ args: `-device 'a b' -x "c\\"d" e\\ f` }), {
      accelerator: 'tcg',
      files,
      drives: new Map(),
      networks: new Map(),
    });
    expect(list.slice(-5)).toEqual(['-device', 'a b', '-x', 'c"d', 'e f']);
  });

  it('refuses firmware that it does not have', () => {
    expect(() => args(define({ bios: 'ovmf' }))).toThrow('SeaBIOS only');
  });
});
