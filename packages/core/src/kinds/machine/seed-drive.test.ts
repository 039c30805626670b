import { expect, test } from 'vitest';
import { findSeedDrive } from './seed-drive.js';

const seed = 'local:iso/phoenix-8001-0123456789ab.iso';

test('the seed drive is the first by its slot, wherever it stands in the configuration', () => {
  const later = 'local:iso/phoenix-8001-ba9876543210.iso';
  const config = { sata5: `${later},media=cdrom`, scsi0: 'local:8001/vm-8001-disk-0.qcow2,size=10G' };
  expect(findSeedDrive({ ...config, ide2: `file=${seed},media=cdrom,size=368K` })).toEqual({
    slot: 'ide2',
    volid: seed,
    vmid: 8001,
    digest: '0123456789ab',
  });
  expect(findSeedDrive(config)).toMatchObject({ slot: 'sata5', volid: later });
});

test('only drives count, and only seeds of Phoenix', () => {
  expect(
    findSeedDrive({
      name: ':iso/phoenix-8001-0123456789ab.iso',
      unused0: seed,
      ide0: 'none,media=cdrom',
      ide2: 'local:iso/phoenix-8001-notes.iso,media=cdrom',
      memory: 1024,
    }),
  ).toBeUndefined();
});
