import type { DiskFormat } from '../../../guests/guest-runtime.js';
import type { Lab } from '../../../lab.js';

/** What qemu-img prints when it makes an image. */
export function formattingLine(
  path: string,
  format: DiskFormat | string,
  sizeBytes: number,
  backing?: { path: string; format: string },
): string {
  if (format !== 'qcow2') return `Formatting '${path}', fmt=${format} size=${sizeBytes} preallocation=off`;
  const parts = [`Formatting '${path}', fmt=qcow2 cluster_size=65536 extended_l2=off`];
  if (backing === undefined) parts.push('preallocation=metadata compression_type=zlib', `size=${sizeBytes}`);
  else
    parts.push(
      'compression_type=zlib',
      `size=${sizeBytes}`,
      `backing_file=${backing.path} backing_fmt=${backing.format}`,
    );
  parts.push('lazy_refcounts=off refcount_bits=16');
  return parts.join(' ');
}

/** A reporter that prints `transferred 7.1 MiB of 64.0 MiB (11.07%)` as a copy goes on, at most every ten percent. */
export function progressLog(sizeBytes: number, log: (line: string) => void): (done: number) => void {
  let next = 0;
  return (done) => {
    if (done < next && done < 1) return;
    next = done + 0.1;
    const percent = (done * 100).toFixed(2);
    log(
      `transferred ${readableSize((Number(percent) / 100) * sizeBytes)} of ${readableSize(sizeBytes)} (${percent}%)`,
    );
  };
}

/** Where an image is being made. */
interface NewImage {
  readonly lab: Lab;
  readonly node: string;
  readonly vmid: number;
  readonly format: string;
  readonly sizeBytes: number;
  readonly log: (line: string) => void;
}

/**
 * Tells of a copy as it goes on: first what qemu-img prints when it makes the image (whose name is taken by then), then the progress.
 * Call `announce` when the copy is done, in case there was no progress to report.
 */
export function copyLog(image: NewImage): { progress: (done: number) => void; announce: () => void } {
  const { lab, node, vmid, format, sizeBytes, log } = image;
  const before = new Set(lab.storages.volumes(node, { vmid }).map((volume) => volume.volid));
  const progress = progressLog(sizeBytes, log);
  let announced = false;
  const announce = () => {
    if (announced) return;
    announced = true;
    const made = lab.storages.volumes(node, { vmid }).find((volume) => !before.has(volume.volid));
    if (made !== undefined) log(formattingLine(lab.storages.path(node, made.volid), format, sizeBytes));
  };
  return {
    announce,
    progress: (done) => {
      announce();
      progress(done);
    },
  };
}

/** `64.0 MiB`: a size as qemu-server prints it in progress lines. */
export function readableSize(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)} TiB`;
}
