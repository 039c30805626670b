import type { Config } from '@phoenix/core';
import { type FeatureCatalogue, loadFeatures } from '@phoenix/features';
import type { Context } from './context.js';
import type { GlobalOptions } from './global-options.js';
import { isKnownError } from './known-error.js';
import { openConfig } from './open-config.js';

/** Every feature that the configuration may name; without a configuration, those that come with Phoenix. */
export async function loadCatalogue(context: Context, options: GlobalOptions): Promise<FeatureCatalogue> {
  const config = await findConfig(context, options);
  return loadFeatures(
    config === undefined
      ? { from: context.cwd }
      : { from: config.directory, packages: config.featurePacks, directories: config.featureDirectories },
  );
}

/** The configuration, where there is one: without it the built-in packs are still known. */
async function findConfig(context: Context, options: GlobalOptions): Promise<Config | undefined> {
  try {
    return await openConfig(context, options);
  } catch (error) {
    const named = options.config !== undefined || (context.env.PHOENIX_CONFIG ?? '') !== '';
    if (!named && isKnownError(error) && error.code === 'PHOENIX_CONFIG_NOT_FOUND') return undefined;
    throw error;
  }
}
