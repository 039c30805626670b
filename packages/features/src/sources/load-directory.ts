import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { readBundle } from '../bundle/read-bundle.js';
import { FEATURE_NAME } from '../contract/define-feature.js';
import { FEATURE_CONTRACT, type Feature } from '../contract/feature.js';
import { FeaturesError } from '../features-error.js';
import type { CataloguedFeature } from './feature-catalogue.js';

const SCRIPT = /^feature_install_(.+)\.sh$/;

/**
 * Loads a directory of `feature_install_<name>.sh` scripts, each a feature that only applies: it runs unchanged, once,
 * and again when it or a file beside it changes. The other files of the directory are delivered with each of them.
 * @throws FeaturesError `FEATURES_PACK_LOAD` when the directory cannot be read, holds no such script, or one has a bad name.
 */
export async function loadDirectory(directory: string): Promise<readonly CataloguedFeature[]> {
  const path = resolve(directory);
  const entries = await readdir(path).catch((error: unknown) => {
    throw new FeaturesError('FEATURES_PACK_LOAD', `The feature directory ${path} cannot be read.`, {
      cause: error,
    });
  });
  const scripts = entries.filter((entry) => SCRIPT.test(entry)).sort();
  if (scripts.length === 0) {
    throw new FeaturesError(
      'FEATURES_PACK_LOAD',
      `The feature directory ${path} holds no script named feature_install_<name>.sh.`,
    );
  }
  const features: CataloguedFeature[] = [];
  for (const script of scripts) {
    const name = SCRIPT.exec(script)?.[1] ?? '';
    if (!FEATURE_NAME.test(name)) {
      throw new FeaturesError(
        'FEATURES_PACK_LOAD',
        `${path}/${script}: ${JSON.stringify(name)} is no name of a feature; expected lower-case letters, digits, "_" and "-".`,
      );
    }
    const feature = scriptFeature(name, script, path);
    const bundle = await readBundle({
      ...feature,
      include: (file) => file === script || !SCRIPT.test(file),
    });
    features.push({ feature, bundle, source: { kind: 'directory', directory: path } });
  }
  return features;
}

function scriptFeature(name: string, script: string, directory: string): Feature {
  return {
    contract: FEATURE_CONTRACT,
    name,
    version: '0.0.0',
    description: `Runs ${script} once.`,
    options: z.record(z.string(), z.json()),
    requires: [],
    after: [],
    conflicts: [],
    platforms: [],
    files: pathToFileURL(`${directory}/`).href,
    hooks: { apply: { script, timeoutMs: 3_600_000 } },
    reboot: 'never',
  };
}
