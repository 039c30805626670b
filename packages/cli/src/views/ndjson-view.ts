import type { Output } from '../context.js';
import type { RunView } from './run-view.js';

/** One JSON object per line, for programs: the plan, then every event as core yields it. */
export function createNdjsonView(output: Output): RunView {
  let planShown = false;
  const write = (value: unknown) => output.write(`${JSON.stringify(value)}\n`);
  return {
    showPlan: (plan) => {
      planShown = true;
      write({ type: 'plan', plan });
    },
    showEvent: (event) => {
      if (event.type !== 'plan' || !planShown) write(event);
    },
    showMessage: () => {},
    close: () => {},
  };
}
