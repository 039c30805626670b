import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { openOrchestrator } from '../open-orchestrator.js';
import { parseTargets } from '../parse-targets.js';
import { createPalette, wantsColour } from '../views/palette.js';
import { renderStatus } from '../views/render-status.js';

/** What `phoenix status` takes. */
export interface StatusOptions extends GlobalOptions {
  readonly all?: boolean;
}

/** `phoenix status`: the declared guests as they are on the cluster. */
export async function runStatus(
  context: Context,
  ids: readonly string[],
  options: StatusOptions,
): Promise<ExitCodeName> {
  const targets = ids.length === 0 ? 'all' : parseTargets(ids, options.all);
  const { orchestrator } = await openOrchestrator(context, options);
  const guests = await orchestrator.status(targets, { signal: context.signal });
  const palette = createPalette(
    wantsColour({ env: context.env, option: options.color, output: context.stdout }),
  );
  context.stdout.write(
    options.json === true
      ? guests.map((guest) => `${JSON.stringify(guest)}\n`).join('')
      : renderStatus(guests, palette),
  );
  return 'done';
}
