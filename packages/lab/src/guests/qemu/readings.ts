import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '../../state/json.js';
import type { RunningGuest } from './running-guest.js';

/** How long block statistics count as fresh. */
const FRESH_MS = 2000;
const TICKS_PER_SECOND = 100;

/** Reads a guest's process numbers; block statistics come from QEMU in the background, so they lag by one call. */
export interface Readings {
  of(guest: RunningGuest): JsonObject;
}

/** Readings as `status/current` shows them: `cpu` as a fraction of all processors, bytes for the rest. */
export function createReadings(): Readings {
  const known = new Map<
    number,
    { pid: number; atMs: number; ticks: number; cpu: number; askedAtMs: number; blocks: JsonObject }
  >();
  return {
    of: (guest) => {
      const now = Date.now();
      const ticks = cpuTicks(guest.pid);
      const before = known.get(guest.vmid);
      const entry =
        before?.pid === guest.pid
          ? before
          : { pid: guest.pid, atMs: guest.startedAtMs, ticks: 0, cpu: 0, askedAtMs: 0, blocks: {} };
      if (now - entry.atMs >= 1000) {
        const cpus =
          Number(guest.definition.config.sockets ?? 1) * Number(guest.definition.config.cores ?? 1);
        entry.cpu = (ticks - entry.ticks) / TICKS_PER_SECOND / ((now - entry.atMs) / 1000) / cpus;
        entry.ticks = ticks;
        entry.atMs = now;
      }
      if (now - entry.askedAtMs > FRESH_MS) {
        entry.askedAtMs = now;
        void guest.monitor.execute('query-blockstats', { 'query-nodes': false }).then(
          (answer) => {
            entry.blocks = blockStatistics(answer);
          },
          () => {},
        );
      }
      known.set(guest.vmid, entry);
      const totals = Object.values(entry.blocks).filter(isObject);
      const sum = (key: string): number =>
        totals.reduce((total, block) => total + Number(block[key] ?? 0), 0);
      return {
        cpu: entry.cpu,
        mem: residentBytes(guest.pid),
        diskread: sum('rd_bytes'),
        diskwrite: sum('wr_bytes'),
        netin: 0,
        netout: 0,
        blockstat: entry.blocks,
      };
    },
  };
}

function blockStatistics(answer: JsonValue): JsonObject {
  const blocks: JsonObject = {};
  for (const entry of Array.isArray(answer) ? answer : []) {
    if (!isObject(entry) || !isObject(entry.stats)) continue;
    const name = String(entry.qdev ?? entry.device ?? '');
    const key = name.split('/').find((part) => /^(scsi|virtio|ide|sata)\d+$/.test(part)) ?? name;
    if (key !== '') blocks[key] = entry.stats;
  }
  return blocks;
}

function cpuTicks(pid: number): number {
  const fields = readProc(`/proc/${pid}/stat`)
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function residentBytes(pid: number): number {
  return Number(readProc(`/proc/${pid}/statm`).split(' ')[1] ?? 0) * 4096;
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
