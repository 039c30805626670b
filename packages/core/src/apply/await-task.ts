import { requireTaskOk, waitForTask } from '@phoenix/proxmox-client';
import type { StepContext } from './step-context.js';

/** Lines of a task's log that say how far a copy is. */
const transferred = /(\d+(?:\.\d+)?)%/;

/**
 * Waits for a task of Proxmox VE, passing its log and its warnings on.
 * @throws ProxmoxError `PVE_TASK_FAILED` with the end of the log, unless `failing` is `ignore`; `PVE_TIMEOUT`
 */
export async function awaitTask(
  context: Pick<StepContext, 'client' | 'signal' | 'report' | 'openTasks'>,
  upid: string,
  options: { readonly failing?: 'throw' | 'ignore'; readonly timeoutMs?: number } = {},
): Promise<void> {
  const { client, report, signal, openTasks } = context;
  openTasks.add(upid);
  const outcome = await waitForTask(client, upid, {
    signal,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    onLog: ({ text }) => {
      report.taskLog(upid, text);
      const percent = transferred.exec(text)?.[1];
      if (percent !== undefined) report.progress(text, Math.min(1, Number(percent) / 100));
    },
  });
  openTasks.delete(upid);
  for (const warning of outcome.warnings) report.warn(warning);
  if (options.failing !== 'ignore') requireTaskOk(outcome);
}
