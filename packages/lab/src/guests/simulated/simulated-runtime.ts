import type { JsonObject, JsonValue } from '../../state/json.js';
import {
  GuestAgentTimeout,
  type GuestDefinition,
  type GuestExit,
  type GuestProcess,
  type GuestRuntime,
  type RuntimeHost,
} from '../guest-runtime.js';
import { readDiskRecord } from './disk-record.js';
import { FileTree } from './files/file-tree.js';
import { baseImage } from './images/base-image.js';
import { RunningGuest } from './running-guest.js';
import { type GuestScripting, GuestScripts } from './scripting.js';
import { createSimulatedDisks } from './simulated-disks.js';

/** Guests that are simulated: no process of their own, booting in the lab's time, with a file tree, a shell and an agent. */
export function createSimulatedRuntime(host: RuntimeHost): {
  runtime: GuestRuntime;
  scripting: GuestScripting;
} {
  const guests = new Map<number, RunningGuest>();
  const scripts = new GuestScripts();
  const listeners = new Set<(exit: GuestExit) => void>();
  const disks = createSimulatedDisks(host);
  let nextPid = 5000;

  const end = (vmid: number, reason: GuestExit['reason']) => {
    const guest = guests.get(vmid);
    if (guest === undefined) return;
    guests.delete(vmid);
    guest.stop();
    Reflect.deleteProperty(host.record.guests, String(vmid));
    host.changed();
    for (const listener of listeners) listener({ vmid, reason });
  };
  const require = (vmid: number): RunningGuest => {
    const guest = guests.get(vmid);
    if (guest === undefined) throw new Error(`VM ${vmid} not running`);
    return guest;
  };
  const begin = (definition: GuestDefinition, paused: boolean) => {
    nextPid += 7;
    const guest: RunningGuest = new RunningGuest(host, scripts, definition, nextPid, (reason) =>
      end(definition.vmid, reason),
    );
    guest.paused = paused;
    guests.set(definition.vmid, guest);
    Reflect.set(host.record.guests, String(definition.vmid), definitionJson(definition));
    guest.boot();
  };

  const runtime: GuestRuntime = {
    kind: 'simulated',
    disks,
    recover: async () => {
      // What ran when the lab ended is running again, freshly booted: programs in guests do not survive the lab.
      for (const value of Object.values(host.record.guests)) {
        const definition = readDefinition(value);
        if (definition !== undefined) begin(definition, false);
      }
    },
    start: async (definition, options) => {
      if (guests.has(definition.vmid)) throw new Error(`VM ${definition.vmid} already running`);
      await host.clock.sleep(300, options.signal);
      begin(definition, options.paused === true);
    },
    stop: async (vmid) => {
      if (!guests.has(vmid)) return;
      await host.clock.sleep(100);
      end(vmid, 'stopped');
    },
    powerdown: async (vmid) => require(vmid).power('poweroff'),
    reset: async (vmid) => require(vmid).boot(),
    pause: async (vmid) => {
      require(vmid).paused = true;
    },
    resume: async (vmid) => {
      require(vmid).paused = false;
    },
    saveState: async (_vmid, _stateFile) => {
      await host.clock.sleep(500);
    },
    hotplug: async (definition) => {
      const guest = require(definition.vmid);
      guest.hotplug(definition);
      Reflect.set(host.record.guests, String(definition.vmid), definitionJson(definition));
    },
    resizeDrive: async (vmid, key, sizeBytes) => {
      const drive = require(vmid).definition.drives.find((each) => each.key === key);
      if (drive?.file === undefined) throw new Error(`drive '${key}' not found`);
      await disks.resize(drive.file, sizeBytes);
    },
    process: (vmid): GuestProcess | undefined => {
      const guest = guests.get(vmid);
      if (guest === undefined) return undefined;
      const { definition } = guest;
      return {
        pid: guest.pid,
        startedAtMs: guest.startedAtMs,
        qmpStatus: guest.paused ? 'paused' : 'running',
        definition,
        qemuVersion: host.release === '8.4' ? '9.2.0' : '10.1.2',
        machine: host.release === '8.4' ? 'pc-i440fx-9.2+pve1' : 'pc-i440fx-10.1+pve0',
        readings: readingsOf(guest, host),
      };
    },
    agent: async (vmid, command, options) => {
      const guest = guests.get(vmid);
      const ready = guest?.agent !== undefined && !guest.paused && agentPort(guest.definition);
      if (!ready) {
        await host.clock.sleep(options.timeoutMs, options.signal);
        const late = guests.get(vmid);
        if (
          late?.agent === undefined ||
          late.paused ||
          !agentPort(late.definition) ||
          options.signal?.aborted === true
        )
          throw new GuestAgentTimeout('got timeout');
        if (command.execute !== 'guest-ping') throw new GuestAgentTimeout('got timeout');
        throw new GuestAgentTimeout('got timeout');
      }
      // A round trip costs the guest some milliseconds, and a poller's time passes for what sleeps in it.
      await host.clock.sleep(5, options.signal);
      const agent = guests.get(vmid)?.agent;
      if (agent === undefined) throw new GuestAgentTimeout('got timeout');
      return agent.run(command);
    },
    monitor: async (vmid, command) => {
      const guest = require(vmid);
      const [verb = '', what = ''] = command.trim().split(/\s+/);
      if (verb === 'info' && what === 'status')
        return `VM status: ${guest.paused ? 'paused' : 'running'}\r\n`;
      if (verb === 'info' && what === 'version') return `${host.release === '8.4' ? '9.2.0' : '10.1.2'}\r\n`;
      if (verb === 'info' && what === 'name') return `${guest.definition.name}\r\n`;
      if (verb === 'info' || verb === 'help') return '';
      return `unknown command: '${verb}'\r\n`;
    },
    sendKey: async (vmid) => void require(vmid),
    onExit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      for (const guest of guests.values()) guest.stop();
      guests.clear();
    },
  };

  const treeOf = (vmid: number): FileTree | undefined => {
    const guest = guests.get(vmid);
    if (guest?.files !== undefined) return guest.files;
    if (guest === undefined) return undefined;
    const disk = guest.systemDisk();
    return disk === undefined
      ? undefined
      : new FileTree(baseImage(disk.record.image ?? '').files, disk.record.changes, () => 0);
  };
  const scripting: GuestScripting = {
    script: (rule) => scripts.add(rule),
    behave: (behaviour) => scripts.behave(behaviour),
    readFile: (vmid, path) => {
      const content = (treeOf(vmid) ?? storedTree(host, vmid))?.readIfThere(path);
      return content === undefined ? undefined : Buffer.from(content, 'latin1').toString('utf8');
    },
    writeFile: (vmid, path, content, mode) => {
      require(vmid).files?.write(
        path,
        Buffer.from(content).toString('latin1'),
        mode === undefined ? {} : { mode },
      );
    },
    commands: (vmid) => scripts.commandLines.get(vmid) ?? [],
    crash: (vmid) => end(vmid, 'crashed'),
  };
  return { runtime, scripting };
}

/** The files of a guest that is off: of its first disk with a system on it, by name. */
function storedTree(host: RuntimeHost, vmid: number): FileTree | undefined {
  const pattern = new RegExp(`/(vm|base)-${vmid}-disk-\\d+\\.\\w+$`);
  for (const key of Object.keys(host.record.disks)
    .filter((each) => pattern.test(each))
    .sort()) {
    const record = readDiskRecord(host.record.disks[key]);
    if (record?.image !== undefined)
      return new FileTree(baseImage(record.image).files, record.changes, () => 0);
  }
  return undefined;
}

/** Had the guest an agent's port when it was started? */
function agentPort(definition: GuestDefinition): boolean {
  const { agent } = definition.config;
  return agent !== undefined && /^(enabled=)?(1|on|yes|true)(,|$)/i.test(agent);
}

function readingsOf(guest: RunningGuest, host: RuntimeHost): JsonObject {
  const { config, vmid } = guest.definition;
  const memory = Number(/^(?:current=)?(\d+)/.exec(config.memory ?? '512')?.[1] ?? 512) * 2 ** 20;
  const up = guest.machine !== undefined;
  const nics: JsonObject = {};
  for (const key of Object.keys(config))
    if (/^net\d+$/.test(key)) nics[`tap${vmid}i${key.slice(3)}`] = { netin: 110, netout: up ? 656 : 0 };
  const readings: JsonObject = {
    cpu: up ? 0.01 : 0.2,
    mem: Math.floor(memory * (up ? 0.35 : 0.03)),
    netin: 110 * Object.keys(nics).length,
    netout: up ? 656 : 0,
  };
  if (Object.keys(nics).length > 0) readings.nics = nics;
  if (host.release === '9.2') readings.memhost = Math.floor(memory * 0.4);
  return readings;
}

function definitionJson(definition: GuestDefinition): JsonObject {
  return {
    vmid: definition.vmid,
    node: definition.node,
    name: definition.name,
    config: { ...definition.config },
    drives: definition.drives.map(
      (drive): JsonObject => ({
        ...drive,
        options: { ...drive.options },
        file: drive.file === undefined ? undefined : { ...drive.file },
      }),
    ),
  };
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function texts(value: JsonValue | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(asObject(value)).map(([key, text]) => [key, String(text)]));
}

function readDefinition(value: JsonValue): GuestDefinition | undefined {
  const record = asObject(value);
  if (record.vmid === undefined) return undefined;
  const drives = Array.isArray(record.drives) ? record.drives : [];
  return {
    vmid: Number(record.vmid),
    node: String(record.node),
    name: String(record.name),
    config: texts(record.config),
    drives: drives.map((item) => {
      const drive = asObject(item);
      const file = drive.file === undefined ? undefined : texts(drive.file);
      const format = file?.format;
      return {
        key: String(drive.key),
        media: drive.media === 'cdrom' ? ('cdrom' as const) : ('disk' as const),
        options: texts(drive.options),
        ...(typeof drive.volid === 'string' && { volid: drive.volid }),
        ...(file !== undefined && {
          file: {
            node: file.node ?? '',
            path: file.path ?? '',
            format:
              format === 'qcow2' || format === 'vmdk' || format === 'subvol' ? format : ('raw' as const),
          },
        }),
      };
    }),
  };
}
