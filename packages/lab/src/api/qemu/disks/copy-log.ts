import type { DiskFormat } from '../../../guests/guest-runtime.js';

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
    log(`transferred ${readable(done * sizeBytes)} of ${readable(sizeBytes)} (${(done * 100).toFixed(2)}%)`);
  };
}

function readable(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)} TiB`;
}
