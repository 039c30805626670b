import { type Config, loadConfig } from '@phoenix/core';
import type { Context } from './context.js';
import type { GlobalOptions } from './global-options.js';
import { createPalette, wantsColour } from './views/palette.js';
import { renderProblems } from './views/render-error.js';

/** Loads the configuration that the command line or the environment names and prints its warnings on stderr. */
export async function openConfig(context: Context, options: GlobalOptions): Promise<Config> {
  const config = await loadConfig(options.config, {
    env: context.env,
    cwd: context.cwd,
    strict: options.strict === true,
  });
  if (options.json !== true) {
    const palette = createPalette(
      wantsColour({ env: context.env, option: options.color, output: context.stderr }),
    );
    context.stderr.write(renderProblems(config.warnings, palette));
  }
  return config;
}
