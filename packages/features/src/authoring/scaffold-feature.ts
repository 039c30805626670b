import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { FEATURE_NAME } from '../contract/define-feature.js';
import { FeaturesError } from '../features-error.js';
import { packagedDirectory } from '../packaged-files.js';

/** What a new pack is called, and where it goes. */
export interface ScaffoldOptions {
  /** Directory of the new pack; made if it is missing, must be empty otherwise. */
  readonly directory: string;
  /** Name of the feature; default the directory's, without a leading `phoenix-feature-`. */
  readonly name?: string;
  /** Name of the npm package; default `phoenix-feature-<name>`. */
  readonly package?: string;
  /** One sentence; default a placeholder. */
  readonly description?: string;
  /** SPDX identifier; default `Apache-2.0`. */
  readonly license?: string;
}

/**
 * Writes a new feature pack that works as it is: an npm package with one feature, four scripts and a README.
 * Yields the paths of its files, relative to the directory.
 * @throws FeaturesError `FEATURES_SCAFFOLD` when the directory is not empty or the name is no feature name.
 */
export async function scaffoldFeature(options: ScaffoldOptions): Promise<readonly string[]> {
  const directory = resolve(options.directory);
  const name = options.name ?? basename(directory).replace(/^phoenix-feature-/, '');
  if (!FEATURE_NAME.test(name)) {
    throw new FeaturesError(
      'FEATURES_SCAFFOLD',
      `${JSON.stringify(name)} is no name of a feature; expected lower-case letters, digits, "_" and "-".`,
    );
  }
  const present = await readdir(directory).catch(() => []);
  if (present.length > 0) {
    throw new FeaturesError(
      'FEATURES_SCAFFOLD',
      `${directory} is not empty: it holds ${present.slice(0, 3).join(', ')}.`,
    );
  }
  const view = {
    name,
    package: options.package ?? `phoenix-feature-${name}`,
    description: options.description ?? `Sets up ${name}.`,
    license: options.license ?? 'Apache-2.0',
    features: await ownVersion(),
  };
  const template = fileURLToPath(packagedDirectory('template'));
  const written: string[] = [];
  for (const entry of (await readdir(template, { recursive: true })).sort()) {
    if (!entry.endsWith('.hbs')) continue;
    const path = entry
      .replaceAll('\\', '/')
      .replace(/\.hbs$/, '')
      .replace(/^gitignore$/, '.gitignore');
    const target = join(directory, path);
    const text = await readFile(join(template, entry), 'utf8');
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, Handlebars.create().compile(text, { noEscape: true, strict: true })(view));
    if (path.endsWith('.sh')) await chmod(target, 0o755);
    written.push(path);
  }
  return written;
}

async function ownVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(new URL('../package.json', packagedDirectory('template')), 'utf8').catch(() => '{}'),
  );
  return typeof manifest === 'object' &&
    manifest !== null &&
    'version' in manifest &&
    typeof manifest.version === 'string'
    ? manifest.version
    : '0.1.0';
}
