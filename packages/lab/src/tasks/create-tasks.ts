import type { Clock } from '../clock/clock.js';
import { errorText } from '../http/pve-error.js';
import type { LabState, TaskRecord } from '../state/lab-state.js';
import type { TaskStart, Tasks } from './tasks.js';
import { printUpid } from './upid.js';

/** A fault that waits for tasks: makes them fail or end with warnings (see `Faults`). */
export type TaskFault =
  | { readonly kind: 'fail'; readonly log: string }
  | { readonly kind: 'warnings'; readonly log: string };

/** Finished tasks that are kept; the oldest go first. */
const KEPT = 2000;
/** How long a killed worker has to say something before it counts as gone. */
const KILL_GRACE_MS = 5000;

interface Worker {
  readonly abort: AbortController;
  readonly ended: Promise<string>;
  readonly cleanup: (() => void)[];
}

/** Runs workers in the lab's time and keeps their records in the state. `commit` is called whenever a record has changed. */
export function createTasks(
  state: LabState,
  clock: Clock,
  options: {
    nextPid: () => number;
    commit: () => void;
    fault: (type: string, id: string) => TaskFault | undefined;
  },
): Tasks {
  const workers = new Map<string, Worker>();
  const bootedAtMs = clock.now();

  const end = (record: TaskRecord, worker: Worker, exitstatus: string, lastLine: string): void => {
    if (record.exitstatus !== undefined) return;
    record.log.push(...lastLine.split('\n'));
    record.exitstatus = exitstatus;
    record.endtime = Math.floor(clock.now() / 1000);
    workers.delete(record.upid);
    for (const action of worker.cleanup) action();
    const kept = Object.keys(state.tasks);
    if (kept.length > KEPT + 100) {
      for (const upid of kept.slice(0, kept.length - KEPT)) if (!workers.has(upid)) delete state.tasks[upid];
    }
    options.commit();
  };

  const run = async (task: TaskStart, record: TaskRecord, worker: Worker): Promise<string> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    let warnings = 0;
    const { signal } = worker.abort;
    const warn = (text: string) => {
      warnings += 1;
      record.log.push(`WARN: ${text}`);
    };
    try {
      const fault = options.fault(task.type, task.id ?? '');
      if (fault?.kind === 'fail') {
        task.undo?.();
        throw new Error(fault.log);
      }
      if (fault?.kind === 'warnings') warn(fault.log);
      const killed = new Promise<never>((_, reject) => {
        const gone = () => reject(new Error('received interrupt'));
        if (signal.aborted) gone();
        else signal.addEventListener('abort', gone, { once: true });
      });
      await Promise.race([
        killed,
        task.run({
          upid: record.upid,
          node: record.node,
          signal,
          warn,
          log: (line) => {
            if (record.exitstatus === undefined) record.log.push(...line.split('\n'));
          },
          onEnd: (action) => worker.cleanup.push(action),
        }),
      ]);
      if (warnings > 0) end(record, worker, `WARNINGS: ${warnings}`, `TASK WARNINGS: ${warnings}`);
      else end(record, worker, 'OK', 'TASK OK');
    } catch (error) {
      const text = errorText(error);
      end(record, worker, text.replace(/\n/g, ' '), `TASK ERROR: ${text}`);
    }
    return record.exitstatus ?? 'OK';
  };

  return {
    start: (task) => {
      const now = clock.now();
      const parts = {
        node: task.node,
        pid: options.nextPid(),
        pstart: Math.max(1, Math.floor((now - bootedAtMs) / 10) + 4096),
        starttime: Math.floor(now / 1000),
        type: task.type,
        id: task.id ?? '',
        user: task.user,
      };
      const upid = printUpid(parts);
      state.tasks[upid] = { upid, ...parts, log: [] };
      const record = state.tasks[upid];
      const cleanup: (() => void)[] = [];
      const abort = new AbortController();
      let started: (status: Promise<string>) => void = () => {};
      const worker: Worker = { abort, cleanup, ended: new Promise((resolve) => (started = resolve)) };
      workers.set(upid, worker);
      options.commit();
      started(run(task, record, worker));
      return upid;
    },
    finished: async (upid) =>
      (await workers.get(upid)?.ended) ?? state.tasks[upid]?.exitstatus ?? 'unexpected status',
    isRunning: (upid) => workers.has(upid),
    cancel: async (upid) => {
      const worker = workers.get(upid);
      if (worker === undefined) return;
      worker.abort.abort();
      await clock.within(KILL_GRACE_MS, worker.ended);
    },
  };
}
