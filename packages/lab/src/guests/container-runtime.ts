import type { JsonObject } from '../state/json.js';
import type { DiskFile } from './guest-runtime.js';

/** A container as it shall run: the effective configuration (pending changes applied) and its root file system's file. */
export interface ContainerDefinition {
  readonly vmid: number;
  readonly node: string;
  readonly hostname: string;
  readonly config: Readonly<Record<string, string>>;
  readonly rootfs: DiskFile;
}

/** A running container. `readings` are the numbers of `status/current` that only the kernel knows (cpu, mem, swap, netin …). */
export interface ContainerProcess {
  readonly pid: number;
  readonly startedAtMs: number;
  /** What it was started with, with what was changed live since. */
  readonly definition: ContainerDefinition;
  readonly readings: JsonObject;
}

/** One attachment to the terminal session of a container. Bytes as a terminal sends them. */
export interface ContainerTerminal {
  /** What the person (or program) at the terminal types. */
  input(bytes: Uint8Array): void;
  /** Leaves the session; the shell in it lives on. */
  detach(): void;
}

/** What an extracted template turned out to be. */
export interface TemplateFacts {
  /** `debian`, `ubuntu`, `alpine` … or `unmanaged`. */
  readonly ostype: string;
  readonly arch: string;
  /** Bytes that came out of the archive. */
  readonly extractedBytes: number;
  /** Time zones and SSH can only be set up where the system has these. */
  readonly hasZoneinfo: (zone: string) => boolean;
  readonly hasSshDirectory: boolean;
}

/** What runs containers. The API above it keeps configurations, locks, tasks and texts; the runtime keeps file systems and processes. */
export interface ContainerRuntime {
  /** Starts again what ran in a previous life of the lab. Called once, before anything else. */
  recover(): Promise<void>;
  /** Unpacks a template's archive into a root file system. Rejects when it is no archive. */
  extract(archive: Uint8Array, archiveName: string, rootfs: DiskFile): Promise<TemplateFacts>;
  /** Sets up a new system: host name, root's password and keys. */
  setUp(rootfs: DiskFile, setup: { hostname: string; password?: string; sshKeys?: string }): Promise<void>;
  /** Copies the contents of a file system (the images themselves are the storages' business); yields their bytes. */
  copyContents(from: DiskFile, to: DiskFile, snapshot?: string): Promise<number>;
  start(container: ContainerDefinition): Promise<void>;
  /** Kills it; resolves when it is gone. Not running: resolves. */
  stop(vmid: number): Promise<void>;
  /** Asks its init to power off; resolves to whether it has stopped within `timeoutMs`. */
  shutdown(vmid: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  /** The running container now has this definition. */
  update(container: ContainerDefinition): void;
  process(vmid: number): ContainerProcess | undefined;
  /**
   * Joins the container's one terminal session (dtach keeps one per container and starts it for the first who comes). `output` gets what the session
   * prints from now on, `ended` is called when its shell exits.
   */
  attach(
    vmid: number,
    mode: 'shell' | 'tty' | 'console',
    listener: { output(bytes: Uint8Array): void; ended(): void },
  ): ContainerTerminal;
  close(): Promise<void>;
}
