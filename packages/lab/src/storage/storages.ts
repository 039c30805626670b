import type { DiskFile, DiskFormat } from '../guests/guest-runtime.js';
import type { StorageEntry, VolumeRecord } from '../state/lab-state.js';

/** A volume id taken apart: `local:100/vm-100-disk-0.qcow2`, `local:iso/x.iso`, `local:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2`. */
export interface ParsedVolid {
  readonly storage: string;
  /** What follows the colon. */
  readonly volname: string;
  readonly content: VolumeRecord['content'];
  /** The file's own name. */
  readonly name: string;
  readonly vmid?: number;
  readonly format: string;
  /** A template's image (`base-…`). */
  readonly isBase: boolean;
  /** Name and vmid of the base in a linked clone's id. */
  readonly base?: { readonly name: string; readonly vmid: number };
}

/** What a volume can do (`volume_has_feature`). */
export type VolumeFeature =
  | 'snapshot'
  | 'clone'
  | 'template'
  | 'copy'
  | 'sparseinit'
  | 'rename'
  | 'replicate';

/** Where a new image goes. */
export interface ImageTarget {
  readonly node: string;
  readonly storage: string;
  readonly vmid: number;
  /** Default: the storage's own default (raw on directories, as PVE). */
  readonly format?: string;
  /** A fixed file name such as `vm-100-cloudinit.qcow2`; otherwise the lowest free `vm-N-disk-M`. */
  readonly name?: string;
}

/**
 * The storages of the cluster: names and records in the state, bytes in the file store, images in the runtime. Errors carry PVE's texts
 * (pve-storage, PVE/Storage.pm and Plugin.pm).
 */
export interface Storages {
  /** @throws PveError 500 `storage 'x' does not exist`. */
  entry(storage: string): StorageEntry;
  /** @throws PveError 500 when it does not exist, is disabled, or is not available on the node. */
  checkEnabled(storage: string, node: string): StorageEntry;
  /** Storages that are enabled on the node, by name. */
  enabledOn(node: string): readonly (readonly [string, StorageEntry])[];
  hasContent(storage: string, content: string): boolean;
  /** The format of new images: what `format` says if the storage can, else its default. */
  imageFormat(storage: string, wanted?: string): DiskFormat;
  /** @throws PveError 500 `unable to parse volume ID 'x'` and what its storage says about the rest. */
  parse(volid: string): ParsedVolid;
  /** The record of a volume as seen from a node; undefined when there is none. */
  volume(node: string, volid: string): VolumeRecord | undefined;
  /** All volumes visible from a node, in listing order; `vmid` filters by owner. */
  volumes(
    node: string,
    filter?: { storage?: string; content?: string; vmid?: number },
  ): readonly VolumeRecord[];
  /** Where the volume's file lies on the node, whether or not it exists. */
  file(node: string, volid: string): DiskFile;
  path(node: string, volid: string): string;
  /** The volume id of an absolute path, if it lies on a storage. */
  volidOfPath(node: string, path: string): string | undefined;
  /** An empty image; yields its volume id. */
  allocate(target: ImageTarget & { readonly sizeBytes: number }): Promise<string>;
  /** A file with these bytes as an image of a guest (cloud-init drives), or over an existing one. */
  writeImage(node: string, volid: string, bytes: Uint8Array): Promise<void>;
  readFile(node: string, volid: string): Promise<Uint8Array>;
  /** A new image with the contents of a volume or of an absolute path; yields its volume id. */
  copy(
    source: { readonly volid: string } | { readonly path: string },
    target: ImageTarget & {
      readonly snapshot?: string;
      readonly progress?: (done: number) => void;
      readonly signal?: AbortSignal;
    },
  ): Promise<string>;
  /** A linked clone of a base image for `vmid`. */
  cloneLinked(node: string, volid: string, vmid: number, snapshot?: string): Promise<string>;
  /** Renames an image to a base image (`vm-…` → `base-…`). */
  createBase(node: string, volid: string): Promise<string>;
  /** Gives an image to another guest under the lowest free name. */
  reassign(node: string, volid: string, vmid: number): Promise<string>;
  /** Frees an image or deletes a file. @throws PveError when it is a base still in use. */
  free(node: string, volid: string): Promise<void>;
  /** The ids of linked clones of a base image. */
  clonesOf(node: string, volid: string): readonly string[];
  resize(node: string, volid: string, sizeBytes: number): Promise<void>;
  /** After the runtime itself resized the image of a running guest. */
  recordSize(node: string, volid: string, sizeBytes: number): void;
  snapshot(node: string, volid: string, name: string): Promise<void>;
  deleteSnapshot(node: string, volid: string, name: string): Promise<void>;
  rollback(node: string, volid: string, name: string): Promise<void>;
  /** Can the volume (in this snapshot, or as it is) do that? */
  has(
    node: string,
    volid: string,
    feature: VolumeFeature,
    options?: { snapshot?: string; running?: boolean },
  ): boolean;
}
