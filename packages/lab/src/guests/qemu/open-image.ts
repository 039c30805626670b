import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonValue } from '../../state/json.js';
import { runProgram } from './programs.js';
import { imageInfo, type OpenImage } from './qemu-disks.js';
import type { RunningGuest } from './running-guest.js';

let jobs = 0;

/** What a running guest's QEMU does with one of its images, by the image's block node. */
export function openImageOf(guest: RunningGuest, key: string, path: string): OpenImage {
  const node = `drive-${key}`;
  const { monitor } = guest;
  return {
    snapshot: async (name) => {
      await monitor.execute('blockdev-snapshot-internal-sync', { device: node, name });
    },
    deleteSnapshot: async (name) => {
      await monitor.execute('blockdev-snapshot-delete-internal-sync', { device: node, name });
    },
    backup: async (target, format, progress) => {
      const size = (await imageInfo(path))['virtual-size'];
      await runProgram('qemu-img', ['create', '-q', '-f', format, target, String(size)]);
      const job = `copy-${++jobs}`;
      await monitor.execute('blockdev-add', {
        'node-name': job,
        driver: format,
        discard: 'unmap',
        'detect-zeroes': 'unmap',
        file: { driver: 'file', filename: target },
      });
      try {
        await monitor.execute('blockdev-backup', {
          'job-id': job,
          device: node,
          target: job,
          sync: 'full',
          'auto-dismiss': false,
        });
        await finished(guest, job, progress);
        await monitor.execute('job-dismiss', { id: job });
      } catch (error) {
        await rm(target, { force: true });
        throw error;
      } finally {
        await monitor.execute('blockdev-del', { 'node-name': job }).catch(() => {});
      }
    },
  };
}

async function finished(
  guest: RunningGuest,
  job: string,
  progress: ((done: number) => void) | undefined,
): Promise<void> {
  for (;;) {
    const entry = asList(await guest.monitor.execute('query-jobs')).find((each) => each.id === job);
    if (entry === undefined) throw new Error(`the copy was lost`);
    const total = Number(entry['total-progress'] ?? 0);
    if (total > 0) progress?.(Number(entry['current-progress'] ?? 0) / total);
    if (entry.status === 'concluded') {
      if (entry.error !== undefined) throw new Error(String(entry.error));
      return;
    }
    await delay(100);
  }
}

function asList(value: JsonValue): readonly Record<string, unknown>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null);
}
