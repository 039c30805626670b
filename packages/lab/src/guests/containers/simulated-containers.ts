import type { JsonObject, JsonValue } from '../../state/json.js';
import type { ContainerDefinition, ContainerRuntime } from '../container-runtime.js';
import type { DiskFile, RuntimeHost } from '../guest-runtime.js';
import { type DiskRecord, readDiskRecord, toJson } from '../simulated/disk-record.js';
import { FileTree } from '../simulated/files/file-tree.js';
import { baseImage } from '../simulated/images/base-image.js';
import { diskKey } from '../simulated/simulated-disks.js';
import { readTemplate } from './read-template.js';
import { RunningContainer } from './running-container.js';

/** How long init takes from the request to its end. */
const SHUTDOWN_MS = 1500;

/**
 * Simulated containers: the same simulated system as in simulated machines (files, processes, shell), started without a boot loader, with PVE's own
 * set-up of host name and addresses in place of cloud-init, and one terminal session each.
 */
export function createSimulatedContainers(host: RuntimeHost): ContainerRuntime {
  const running = new Map<number, RunningContainer>();
  const unsaved = new Map<string, DiskRecord>();

  const record = (rootfs: DiskFile): DiskRecord =>
    unsaved.get(diskKey(rootfs)) ??
    readDiskRecord(host.record.disks[diskKey(rootfs)]) ?? {
      format: rootfs.format,
      sizeBytes: 0,
      changes: {},
      snapshots: {},
    };
  const save = () => {
    for (const [key, disk] of unsaved) {
      // The volume may have been freed, or resized, meanwhile.
      const current = readDiskRecord(host.record.disks[key]);
      if (current !== undefined)
        Reflect.set(host.record.disks, key, toJson({ ...current, changes: disk.changes, ...image(disk) }));
    }
    unsaved.clear();
    host.changed();
  };
  const put = (rootfs: DiskFile, disk: DiskRecord) => {
    Reflect.set(host.record.disks, diskKey(rootfs), toJson(disk));
    host.changed();
  };
  const open = (rootfs: DiskFile) => {
    const disk = record(rootfs);
    const { distribution, files } = baseImage(disk.image ?? 'debian 12');
    const changed = () => {
      if (unsaved.size === 0) setImmediate(save);
      unsaved.set(diskKey(rootfs), disk);
    };
    return {
      distribution,
      tree: new FileTree(files, disk.changes, () => Math.floor(host.clock.now() / 1000), changed),
    };
  };
  const end = (vmid: number) => {
    running.get(vmid)?.halt();
    running.delete(vmid);
    Reflect.deleteProperty(host.record.containers, String(vmid));
    save();
  };
  const begin = (definition: ContainerDefinition) => {
    const { tree, distribution } = open(definition.rootfs);
    const onPower = (action: 'poweroff' | 'reboot') => {
      end(definition.vmid);
      if (action === 'reboot') begin(definition);
    };
    const container = new RunningContainer({ host, definition, tree, distribution, onPower });
    running.set(definition.vmid, container);
    Reflect.set(host.record.containers, String(definition.vmid), definitionJson(definition));
    container.boot();
  };

  return {
    recover: async () => {
      // Freshly booted: programs in containers do not survive the lab.
      for (const value of Object.values(host.record.containers)) {
        const definition = readDefinition(value);
        if (definition !== undefined) begin(definition);
      }
    },
    extract: async (archive, name, rootfs) => {
      const contents = readTemplate(archive, name);
      put(rootfs, { ...record(rootfs), image: contents.image, changes: {} });
      const { tree } = open(rootfs);
      for (const entry of contents.entries) {
        if (entry.kind !== 'file' || !entry.path.startsWith('etc/')) continue;
        tree.makeDirectory(`/${entry.path}`.replace(/\/[^/]*$/, ''), { parents: true });
        tree.write(`/${entry.path}`, Buffer.from(entry.content).toString('latin1'));
      }
      const has = (path: string) =>
        contents.entries.length === 0 || contents.entries.some((entry) => entry.path === path);
      return {
        ostype: contents.ostype,
        arch: contents.arch,
        extractedBytes: contents.extractedBytes,
        hasZoneinfo: (zone) => has(`usr/share/zoneinfo/${zone}`),
        hasSshDirectory: has('etc/ssh'),
      };
    },
    setUp: async (rootfs, { hostname, sshKeys }) => {
      const { tree } = open(rootfs);
      tree.write('/etc/hostname', `${hostname.split('.')[0] ?? hostname}\n`);
      if (sshKeys !== undefined) {
        tree.makeDirectory('/root/.ssh', { parents: true });
        tree.write('/root/.ssh/authorized_keys', Buffer.from(`${sshKeys.trimEnd()}\n`).toString('latin1'));
      }
      save();
    },
    copyContents: async (from, to, snapshot) => {
      const disk = record(from);
      const source = snapshot === undefined ? disk : (disk.snapshots[snapshot] ?? disk);
      put(to, { ...record(to), changes: structuredClone(source.changes), ...image(source) });
      return Object.values(source.changes).reduce(
        (sum, node) => sum + (node?.kind === 'file' ? node.content.length : 0),
        0,
      );
    },
    start: async (definition) => begin(definition),
    stop: async (vmid) => end(vmid),
    shutdown: async (vmid, timeoutMs, signal) => {
      if (!running.has(vmid)) return true;
      await host.clock.sleep(Math.min(SHUTDOWN_MS, timeoutMs), signal);
      if (signal?.aborted !== true && timeoutMs >= SHUTDOWN_MS) end(vmid);
      return !running.has(vmid);
    },
    update: (definition) => {
      if (!running.has(definition.vmid)) return;
      running.get(definition.vmid)?.update(definition);
      Reflect.set(host.record.containers, String(definition.vmid), definitionJson(definition));
    },
    process: (vmid) => running.get(vmid)?.describe(),
    attach: (vmid, mode, listener) => {
      const container = running.get(vmid);
      if (container !== undefined) return container.attach(mode, listener);
      listener.ended();
      return { input: () => {}, detach: () => {} };
    },
    close: async () => {
      for (const container of running.values()) container.halt();
      running.clear();
      save();
    },
  };
}

const image = (disk: Pick<DiskRecord, 'image'>) => (disk.image === undefined ? {} : { image: disk.image });

function definitionJson({ vmid, node, hostname, config, rootfs }: ContainerDefinition): JsonObject {
  return {
    vmid,
    node,
    hostname,
    config: { ...config },
    rootfs: { node: rootfs.node, path: rootfs.path, format: rootfs.format },
  };
}

function readDefinition(value: JsonValue): ContainerDefinition | undefined {
  const definition = asObject(value);
  const rootfs = asObject(definition?.rootfs);
  const config = asObject(definition?.config);
  if (definition === undefined || rootfs === undefined || config === undefined) return undefined;
  return {
    vmid: Number(definition.vmid),
    node: String(definition.node),
    hostname: String(definition.hostname),
    config: Object.fromEntries(Object.entries(config).map(([key, text]) => [key, String(text)])),
    rootfs: {
      node: String(rootfs.node),
      path: String(rootfs.path),
      format: rootfs.format === 'subvol' ? 'subvol' : 'raw',
    },
  };
}

function asObject(value: JsonValue | undefined): JsonObject | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? undefined : Object.fromEntries(Object.entries(value));
}
