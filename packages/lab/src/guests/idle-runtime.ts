import type { DiskFacts, DiskFile, GuestRuntime, RuntimeHost } from './guest-runtime.js';

interface IdleDisk {
  format: DiskFile['format'];
  sizeBytes: number;
  snapshots: string[];
}

/** Disk images as records only, and guests that cannot start. */
export function createIdleRuntime(host: RuntimeHost): GuestRuntime {
  const disks = new Map<string, IdleDisk>();
  const key = (disk: DiskFile) => `${disk.node}:${disk.path}`;
  const refuse = async (): Promise<never> => {
    throw new Error('this runtime runs no guests');
  };
  const inspect = async (disk: DiskFile): Promise<DiskFacts | undefined> => {
    const known = disks.get(key(disk));
    if (known !== undefined) return { ...known, usedBytes: 0 };
    const stored = await host.files.stat(disk.node, disk.path);
    return stored === undefined
      ? undefined
      : { format: disk.format, sizeBytes: stored.sizeBytes, usedBytes: stored.sizeBytes, snapshots: [] };
  };
  return {
    kind: 'simulated',
    disks: {
      inspect,
      create: async (disk, sizeBytes) =>
        void disks.set(key(disk), { format: disk.format, sizeBytes, snapshots: [] }),
      copy: async (from, to) => {
        const facts = await inspect(from);
        if (facts === undefined)
          throw new Error(`qemu-img: Could not open '${from.path}': No such file or directory`);
        disks.set(key(to), { format: to.format, sizeBytes: facts.sizeBytes, snapshots: [] });
      },
      cloneLinked: async (base, to) =>
        void disks.set(key(to), {
          format: 'qcow2',
          sizeBytes: (await inspect(base))?.sizeBytes ?? 0,
          snapshots: [],
        }),
      resize: async (disk, sizeBytes) => {
        const known = disks.get(key(disk));
        if (known !== undefined) known.sizeBytes = sizeBytes;
      },
      snapshot: async (disk, name) => void disks.get(key(disk))?.snapshots.push(name),
      deleteSnapshot: async () => {},
      rollback: async () => {},
      rename: async (from, to) => {
        const known = disks.get(key(from));
        if (known !== undefined) disks.set(key(to), known);
        disks.delete(key(from));
      },
      remove: async (disk) => void disks.delete(key(disk)),
    },
    recover: async () => {},
    start: refuse,
    stop: async () => {},
    powerdown: refuse,
    reset: refuse,
    pause: refuse,
    resume: refuse,
    saveState: refuse,
    hotplug: refuse,
    resizeDrive: refuse,
    process: () => undefined,
    agent: refuse,
    monitor: refuse,
    sendKey: refuse,
    onExit: () => () => {},
    close: async () => {},
  };
}
