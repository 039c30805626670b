import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { describeVolumes } from './describe-volumes.js';

const disk = { kind: 'disk', slot: 'scsi30', sizeGib: 5, mountPoint: "/srv/it's here" } as const;

describe('describeVolumes', () => {
  test('mounts NFS directories with the client that they take', () => {
    expect(describeVolumes([{ kind: 'nfs', server: 'nas', path: '/export', mountPoint: '/mnt/x' }])).toEqual([
      {
        source: '`volumes`',
        config: {
          packages: ['nfs-common'],
          mounts: [['nas:/export', '/mnt/x', 'nfs', 'defaults,_netdev,nofail', '0', '0']],
        },
      },
    ]);
  });

  test('writes a script for disks that a shell can read, whatever their mount points are called', () => {
    const [part] = describeVolumes([disk]);
    const script = JSON.stringify(part?.config);
    expect(script).toContain('scsi30');
    const { content } = JSON.parse(script).write_files[0];
    expect(content).toContain("volume scsi30 '/srv/it'\\''s here'");
    expect(spawnSync('sh', ['-n'], { input: content })).toMatchObject({ status: 0 });
  });

  test('formats nothing but what blkid calls blank', () => {
    const { content } = JSON.parse(JSON.stringify(describeVolumes([disk])[0]?.config)).write_files[0];
    const functions = `blkid() { return $BLKID; }; mkfs.ext4() { echo FORMAT; }; sleep() { :; }; mkdir() { :; }; grep() { return 0; }; mountpoint() { return 0; }; resize2fs() { :; }\n`;
    // The test of the device stands for a disk that is there.
    const program = functions + content.replaceAll('[ ! -b "$device" ]', 'false');
    const run = (status: number) =>
      spawnSync('bash', [], {
        input: program,
        env: { ...process.env, BLKID: String(status) },
        encoding: 'utf8',
      }).stdout;
    expect(run(2)).toContain('FORMAT');
    for (const status of [0, 4, 8]) expect(run(status)).not.toContain('FORMAT');
  });
});
