import { diskAt } from '../system/disk-devices.js';
import type { Program } from '../system/process.js';
import { parseOptions } from './options.js';

/** `blkid DEVICE`: what is on a disk; exit code 2 when nothing is, or when there is no such disk. */
const blkid: Program = async (process, args) => {
  const { values, operands } = parseOptions(args, ['s', 'o', 'L', 'U', 't']);
  const { machine } = process;
  let code = 2;
  for (const path of operands.length > 0
    ? operands
    : machine.parts.hardware.disks().map(({ name }) => `/dev/${name}`)) {
    const disk = diskAt(machine, process.path(path));
    if (disk?.filesystem === undefined) continue;
    code = 0;
    const wanted = values.get('s');
    const fields: Readonly<Record<string, string>> = { TYPE: disk.filesystem, UUID: uuidOf(disk.slot) };
    if (values.get('o') === 'value')
      await process.out(
        `${wanted === undefined ? Object.values(fields).join('\n') : (fields[wanted] ?? '')}\n`,
      );
    else await process.out(`${path}: UUID="${fields.UUID}" TYPE="${disk.filesystem}"\n`);
  }
  return code;
};

function uuidOf(slot: string): string {
  return `5a1e0000-0000-4000-8000-${Buffer.from(slot).toString('hex').padStart(12, '0').slice(-12)}`;
}

/** `mkfs.ext4 DEVICE` and its like. */
const mkfs: Program = async (process, args) => {
  const { values, operands } = parseOptions(args, ['L', 'U', 't', 'm', 'b', 'i', 'E', 'O']);
  const path = operands[0] ?? '';
  const disk = diskAt(process.machine, process.path(path));
  if (disk === undefined) return process.fail(`The file ${path} does not exist and no size was specified.`);
  await process.sleep(300);
  process.machine.parts.hardware.format(
    disk.slot,
    /^mkfs\.(.+)$/.exec(process.name)?.[1] ?? values.get('t') ?? 'ext2',
  );
  return 0;
};

const lsblk: Program = async (process) => {
  await process.out('NAME   MAJ:MIN RM SIZE RO TYPE MOUNTPOINTS\n');
  for (const [index, disk] of process.machine.parts.hardware.disks().entries()) {
    await process.out(
      `${disk.name}      8:${index * 16}    0 ${(disk.sizeBytes / 2 ** 30).toFixed(1)}G  0 disk \n`,
    );
  }
  return 0;
};

/** Programs that look at disks and format them. Their contents beyond the system disk are not kept apart. */
export const diskPrograms: Readonly<Record<string, Program>> = {
  blkid,
  lsblk,
  'mkfs.ext4': mkfs,
  'mkfs.xfs': mkfs,
  mkfs,
};
