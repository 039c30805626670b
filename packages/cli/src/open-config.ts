import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, findConfigFiles, loadConfig } from '@phoenix/core';
import type { Context } from './context.js';
import type { GlobalOptions } from './global-options.js';
import { createPalette, wantsColour } from './views/palette.js';
import { renderProblems } from './views/render-error.js';

/**
 * Loads the configuration that the command line or the environment names, and prints its warnings on stderr.
 * @throws PhoenixError `PHOENIX_CONFIG` with every problem; `PHOENIX_CONFIG_NOT_FOUND`, `PHOENIX_CONFIG_UNREADABLE`
 */
export async function openConfig(context: Context, options: GlobalOptions): Promise<Config> {
  const files = findConfigFiles({
    named: (options.config ?? []).map((file) => resolve(context.cwd, file)),
    environment: context.env,
    workingDirectory: context.cwd,
    exists: existsSync,
  });
  const config = await loadConfig(files, { environment: context.env, strict: options.strict === true });
  if (options.json !== true) {
    const palette = createPalette(
      wantsColour({ env: context.env, option: options.color, output: context.stderr }),
    );
    context.stderr.write(renderProblems(config.warnings, palette));
  }
  return config;
}
