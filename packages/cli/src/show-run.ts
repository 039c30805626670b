import type { PhoenixEvent, RunSummary } from '@phoenix/core';
import type { Context } from './context.js';
import type { ExitCodeName } from './exit-codes.js';
import { createRunRecord } from './run-record.js';
import type { RunView } from './views/run-view.js';

/**
 * Shows a run to its end, records it, and says how the command ended. The terminal is left as it was, also when the
 * run throws.
 * @param command as typed, without options: `orchestrate 8001`
 */
export async function showRun(
  events: AsyncIterable<PhoenixEvent>,
  view: RunView,
  context: Context,
  command: string,
): Promise<ExitCodeName> {
  let summary: RunSummary | undefined;
  const record = createRunRecord(context, command);
  try {
    for await (const event of events) {
      record.add(event);
      view.showEvent(event);
      if (event.type === 'run-finished') summary = event.summary;
    }
  } catch (error) {
    record.refuse(error);
    throw error;
  } finally {
    view.close();
  }
  if (context.signal.aborted && summary?.outcome !== 'ok')
    return context.signal.reason === 'SIGTERM' ? 'terminated' : 'interrupted';
  return summary?.outcome === 'ok' ? 'done' : 'failed';
}

/** A command as it is recorded: the verb and whom it is about. */
export function commandLine(
  verb: string,
  ids: readonly string[],
  options: { readonly all?: boolean },
): string {
  return [verb, ...(options.all === true ? ['--all'] : ids)].join(' ');
}
