import { createConfigError, inspectFeatures } from '@phoenix/core';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { openConfig } from '../open-config.js';
import { createPalette, wantsColour } from '../views/palette.js';

/** `phoenix validate`: every problem of the configuration, without touching a Proxmox VE. */
export async function runValidate(context: Context, options: GlobalOptions): Promise<ExitCodeName> {
  const config = await openConfig(context, options);
  const problems = await inspectFeatures(config);
  if (problems.length > 0) throw createConfigError(problems);
  if (options.json === true) {
    const guests = config.guests.map(({ vmid, name, kind }) => ({ vmid, name, kind }));
    context.stdout.write(
      `${JSON.stringify({ valid: true, files: config.files, guests, warnings: config.warnings })}\n`,
    );
    return 'done';
  }
  const palette = createPalette(
    wantsColour({ env: context.env, option: options.color, output: context.stdout }),
  );
  const count = (kind: string) => config.guests.filter((guest) => guest.kind === kind).length;
  const parts = [
    [count('machine'), 'machine'],
    [count('container'), 'container'],
    [config.warnings.length, 'warning'],
  ] as const;
  const counts = parts.map(([number, noun]) => `${number} ${noun}${number === 1 ? '' : 's'}`).join(', ');
  context.stdout.write(`${palette.green('valid')} ${config.files.join(', ')}: ${counts}\n`);
  return 'done';
}
