import type { Context } from '../context.js';
import type { GlobalOptions } from '../global-options.js';
import { createLinesView } from './lines-view.js';
import { createLiveView } from './live-view.js';
import { createNdjsonView } from './ndjson-view.js';
import { createPalette, wantsColour } from './palette.js';
import type { RunView } from './run-view.js';

/** The view that fits where the output goes: NDJSON by `--json`, live on a terminal, lines elsewhere. */
export function createRunView(context: Context, options: GlobalOptions): RunView {
  if (options.json === true) return createNdjsonView(context.stdout);
  const palette = createPalette(
    wantsColour({ env: context.env, option: options.color, output: context.stdout }),
  );
  return context.stdout.isTerminal && context.env.TERM !== 'dumb'
    ? createLiveView(context.stdout, palette, { verbose: options.verbose })
    : createLinesView(context.stdout, palette, { verbose: options.verbose });
}
