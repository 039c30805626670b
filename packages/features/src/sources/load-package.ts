import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { readBundle } from '../bundle/read-bundle.js';
import { parseFeature } from '../contract/parse-feature.js';
import { FeaturesError } from '../features-error.js';
import { nearestName } from '../nearest-name.js';
import type { CataloguedFeature } from './feature-catalogue.js';

const manifestShape = z.object({
  name: z.string().optional(),
  version: z.string().default('0.0.0'),
  main: z.string().optional(),
  exports: z.unknown().optional(),
  phoenix: z.union([z.string(), z.object({ features: z.string() })]).optional(),
});

/**
 * Loads a feature pack: an npm package found in `node_modules` of `from` or of a directory above it, or a directory
 * named by a relative or absolute path. Its entry is the `phoenix` field of package.json, else its main export.
 * @throws FeaturesError `FEATURES_PACK_MISSING`, `FEATURES_PACK_LOAD`, `FEATURES_DEFINITION`, `FEATURES_CONTRACT_VERSION`.
 */
export async function loadPackage(name: string, from: string): Promise<readonly CataloguedFeature[]> {
  const directory = await findPackage(name, from);
  const manifest = await readManifest(name, directory);
  const entry = resolve(directory, entryOf(manifest) ?? 'index.js');
  const origin = `package ${name} ${manifest.version}`;
  let module: unknown;
  try {
    module = await import(pathToFileURL(entry).href);
  } catch (error) {
    throw new FeaturesError(
      'FEATURES_PACK_LOAD',
      `Feature pack ${name} failed while it was imported (${entry}): ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  const exported =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (list.length === 0) {
    throw new FeaturesError('FEATURES_DEFINITION', `${origin} exports an empty list of features.`);
  }
  const source = { kind: 'package', package: name, packageVersion: manifest.version, directory } as const;
  const features: CataloguedFeature[] = [];
  for (const value of list) {
    const feature = parseFeature(value, origin);
    features.push({ feature, bundle: await readBundle(feature), source });
  }
  return features;
}

async function findPackage(name: string, from: string): Promise<string> {
  if (name.startsWith('.') || name.startsWith('/')) {
    const directory = resolve(from, name);
    if (await exists(join(directory, 'package.json'))) return realpath(directory);
    throw new FeaturesError(
      'FEATURES_PACK_MISSING',
      `There is no feature pack in ${directory}: it has no package.json.`,
      {
        hint: 'Name a directory that holds a package.json, or an installed npm package.',
      },
    );
  }
  const searched: string[] = [];
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const modules = join(directory, 'node_modules');
    searched.push(modules);
    if (await exists(join(modules, name, 'package.json'))) return realpath(join(modules, name));
    if (dirname(directory) === directory) break;
  }
  const nearest = nearestName(name, (await Promise.all(searched.map(installedPackages))).flat());
  throw new FeaturesError(
    'FEATURES_PACK_MISSING',
    `Feature pack ${name} is not installed in ${resolve(from)} or above${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    { hint: `Run \`npm install ${nearest ?? name}\` in ${resolve(from)}.` },
  );
}

async function installedPackages(modules: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(modules).catch(() => [])) {
    if (entry.startsWith('@')) {
      for (const inner of await readdir(join(modules, entry)).catch(() => []))
        names.push(`${entry}/${inner}`);
    } else if (!entry.startsWith('.')) names.push(entry);
  }
  return names;
}

async function readManifest(name: string, directory: string): Promise<z.infer<typeof manifestShape>> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')));
  } catch (error) {
    throw new FeaturesError(
      'FEATURES_PACK_LOAD',
      `package.json of feature pack ${name} cannot be read (${directory}).`,
      {
        cause: error,
      },
    );
  }
}

function entryOf(manifest: z.infer<typeof manifestShape>): string | undefined {
  if (typeof manifest.phoenix === 'string') return manifest.phoenix;
  return manifest.phoenix?.features ?? mainExport(manifest.exports) ?? manifest.main;
}

/** The target of `exports["."]` under the conditions of an ESM import on Node. */
function mainExport(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(mainExport).find((target) => target !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  if ('.' in exports) return mainExport(exports['.']);
  for (const [condition, target] of Object.entries(exports)) {
    if (['node', 'import', 'module-sync', 'default'].includes(condition)) {
      const found = mainExport(target);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
