import type { PhoenixEvent, RunSummary } from '@phoenix/core';
import type { Context } from './context.js';
import type { ExitCodeName } from './exit-codes.js';
import type { RunView } from './views/run-view.js';

/** Shows a run to its end and says how the command ended. The terminal is left as it was, also when the run throws. */
export async function showRun(
  events: AsyncIterable<PhoenixEvent>,
  view: RunView,
  context: Context,
): Promise<ExitCodeName> {
  let summary: RunSummary | undefined;
  try {
    for await (const event of events) {
      view.showEvent(event);
      if (event.type === 'run-finished') summary = event.summary;
    }
  } finally {
    view.close();
  }
  if (context.signal.aborted && summary?.outcome !== 'ok')
    return context.signal.reason === 'SIGTERM' ? 'terminated' : 'interrupted';
  return summary?.outcome === 'ok' ? 'done' : 'failed';
}
