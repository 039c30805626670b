import type { Clock } from '../clock/clock.js';
import type { JsonObject, JsonValue } from '../state/json.js';
import type { FileStore } from '../storage/file-store.js';

/** Formats of disk images on a directory storage, by file extension. */
export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'subvol';

/** One image file. `path` is what the storage resolves a volume to, for instance `/var/lib/vz/images/100/vm-100-disk-0.qcow2`; it is unique per node. */
export interface DiskFile {
  readonly node: string;
  readonly path: string;
  readonly format: DiskFormat;
}

/** What an image is: virtual size, bytes really used, and the path of its backing file, if any. */
export interface DiskFacts {
  readonly format: DiskFormat;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly backingPath?: string;
  readonly snapshots: readonly string[];
}

/**
 * Image files, as `qemu-img` treats them. Called by the storages only, which keep the records (names, owners); a runtime keeps contents.
 * Every method rejects with an `Error` whose message is what the tool would have said.
 */
export interface DiskImages {
  create(disk: DiskFile, sizeBytes: number): Promise<void>;
  /** A full copy of `from` (a disk image, or an uploaded file of any of the formats, recognised by its content) as `to`. `progress` gets fractions 0..1. */
  copy(
    from: DiskFile,
    to: DiskFile,
    options: { snapshot?: string; progress?: (done: number) => void; signal?: AbortSignal },
  ): Promise<void>;
  /** A new qcow2 whose backing file is `base`. */
  cloneLinked(base: DiskFile, to: DiskFile): Promise<void>;
  resize(disk: DiskFile, sizeBytes: number): Promise<void>;
  snapshot(disk: DiskFile, name: string): Promise<void>;
  deleteSnapshot(disk: DiskFile, name: string): Promise<void>;
  rollback(disk: DiskFile, name: string): Promise<void>;
  /** Facts of an image; undefined when there is no such file. */
  inspect(disk: DiskFile): Promise<DiskFacts | undefined>;
  rename(from: DiskFile, to: DiskFile): Promise<void>;
  /** Deleting an image that is not there is no error. */
  remove(disk: DiskFile): Promise<void>;
}

/** A drive of a guest that is about to run. `file` is absent for an empty CD-ROM drive. */
export interface AttachedDrive {
  /** The config key: `scsi0`, `ide2`, `efidisk0`. */
  readonly key: string;
  readonly volid?: string;
  readonly file?: DiskFile;
  readonly media: 'disk' | 'cdrom';
  /** The other parts of the property string (`discard`, `iothread`, `serial` …), as stored. */
  readonly options: Readonly<Record<string, string>>;
}

/** A guest as it shall run: the effective configuration (pending changes already applied) and its drives resolved to files. */
export interface GuestDefinition {
  readonly vmid: number;
  readonly node: string;
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  readonly drives: readonly AttachedDrive[];
}

/** What QEMU says about a running guest. `readings` are the numbers of `status/current` that only a process knows (cpu, mem, diskread, netin, blockstat …). */
export interface GuestProcess {
  readonly pid: number;
  readonly startedAtMs: number;
  /** QMP's `query-status`. */
  readonly qmpStatus: 'running' | 'paused' | 'prelaunch' | 'suspended' | 'internal-error';
  /** The definition that it was started with, with what was hot-plugged since. */
  readonly definition: GuestDefinition;
  readonly qemuVersion: string;
  readonly machine: string;
  readonly readings: JsonObject;
}

/** A guest's process ended. `reason`: `shutdown` by the guest itself (ACPI, agent, `poweroff`), `stopped` by `stop()`, `crashed` otherwise. */
export interface GuestExit {
  readonly vmid: number;
  readonly reason: 'shutdown' | 'stopped' | 'crashed';
}

/** An agent that did not answer. Errors of the agent itself are `GuestAgentError`. */
export class GuestAgentTimeout extends Error {
  override readonly name = 'GuestAgentTimeout';
}

/** What the guest agent refused, with its class and description (QMP `error`). */
export class GuestAgentError extends Error {
  override readonly name = 'GuestAgentError';
  readonly class: string;

  constructor(errorClass: string, description: string) {
    super(description);
    this.class = errorClass;
  }
}

/** One command to the QEMU guest agent, in its own protocol: `guest-ping`, `guest-exec`, `guest-exec-status`, `guest-file-open`, `guest-get-osinfo` … */
export interface AgentCommand {
  readonly execute: string;
  readonly arguments?: JsonObject;
}

/**
 * What runs guests: simulated ones (src/guests/simulated) or real QEMU processes (src/guests/qemu). The API above it keeps configurations, locks,
 * tasks and texts; a runtime keeps processes and contents. A runtime knows a guest only while it runs.
 */
export interface GuestRuntime {
  readonly kind: 'simulated' | 'qemu';
  readonly disks: DiskImages;
  /** Takes up what a previous life of the lab left running. Called once, before anything else. */
  recover(): Promise<void>;
  /** Starts the guest's process; resolves when it runs (booting goes on). Rejects with the text that `qm start` would fail with. */
  start(
    guest: GuestDefinition,
    options: { paused?: boolean; stateFile?: DiskFile; log?: (line: string) => void; signal?: AbortSignal },
  ): Promise<void>;
  /** Pulls the plug; resolves when the process is gone. Not running: resolves. */
  stop(vmid: number): Promise<void>;
  /** Asks the guest to power off by ACPI; resolves when asked. The end arrives at the exit listeners. (By agent: `agent(vmid, { execute: 'guest-shutdown' })`.) */
  powerdown(vmid: number): Promise<void>;
  reset(vmid: number): Promise<void>;
  pause(vmid: number): Promise<void>;
  resume(vmid: number): Promise<void>;
  /** Writes the guest's memory to `stateFile` (suspend to disk, snapshot with RAM). The guest stays as it is (pause first, stop after). */
  saveState(vmid: number, stateFile: DiskFile): Promise<void>;
  /** The running guest now has this definition: the API has decided that the difference can be hot-plugged. Rejects with the hot-plug error's text. */
  hotplug(guest: GuestDefinition): Promise<void>;
  /** Grows a drive that a running guest has. The image is grown by this call, not by `disks.resize`. */
  resizeDrive(vmid: number, key: string, sizeBytes: number): Promise<void>;
  /** The running process, or undefined. Synchronous and cheap: lists call it for every guest. */
  process(vmid: number): GuestProcess | undefined;
  /**
   * Sends one command to the agent in the guest and resolves to its `return`.
   * @throws GuestAgentError what the agent refused; GuestAgentTimeout when nothing answered within `timeoutMs` (lab time).
   */
  agent(
    vmid: number,
    command: AgentCommand,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<JsonValue>;
  /** A human monitor command (`POST monitor`), or the text of an error. */
  monitor(vmid: number, command: string): Promise<string>;
  sendKey(vmid: number, key: string): Promise<void>;
  /**
   * Connects to a serial port of a running guest (`serial0` is 0), as `qm terminal` does: output from now on, one client at a time. Undefined when the guest
   * has no such port. A runtime without serial ports lacks the method.
   */
  attachSerial?(
    vmid: number,
    index: number,
    listeners: { output: (bytes: Uint8Array) => void; ended: () => void },
  ): SerialConnection | undefined;
  /** Calls `listener` after each end of a guest's process; returns a function that stops it. */
  onExit(listener: (exit: GuestExit) => void): () => void;
  /** Ends all processes and timers. */
  close(): Promise<void>;
}

/** A client of a guest's serial port. */
export interface SerialConnection {
  readonly input: (bytes: Uint8Array) => void;
  readonly detach: () => void;
}

/** What the lab gives to a runtime. */
export interface RuntimeHost {
  readonly clock: Clock;
  readonly release: '8.4' | '9.2';
  /** Bytes of the storages' files, by the same paths as in `DiskFile`. In memory, or under the state directory. */
  readonly files: FileStore;
  /** The runtime's own persistent data, plain JSON, changed in place: `record.disks[path]`, `record.guests[vmid]`, `record.containers[vmid]`. Survives kill -9 with the rest of the state. */
  readonly record: {
    readonly disks: Record<string, JsonValue>;
    readonly guests: Record<string, JsonValue>;
    readonly containers: Record<string, JsonValue>;
  };
  /** Draws of randomness (MACs, pids); seedable for tests. */
  readonly random: () => number;
  /** True when `record` and files are kept in a state directory: real guests then outlive a lab that dies, and are found again by its next life. */
  readonly persistent: boolean;
  /** Called when `record` changed outside of a request or task, to have it written. */
  readonly changed: () => void;
  /** A directory of this process for sockets and pid files; created on first use. */
  runDirectory(): Promise<string>;
}
