import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configSchemaWithFeatures } from '@phoenix/core';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { loadCatalogue } from '../load-catalogue.js';

/** What `phoenix features schema` takes. */
export interface FeaturesSchemaOptions extends GlobalOptions {
  readonly out?: string;
}

/** `phoenix features schema`: what an editor needs to complete features and their options in this configuration. */
export async function runFeaturesSchema(
  context: Context,
  options: FeaturesSchemaOptions,
): Promise<ExitCodeName> {
  const catalogue = await loadCatalogue(context, options);
  const text = `${JSON.stringify(configSchemaWithFeatures(catalogue), undefined, 2)}\n`;
  if (options.out === undefined) {
    context.stdout.write(text);
    return 'done';
  }
  const file = resolve(context.cwd, options.out);
  await writeFile(file, text).catch((cause: unknown) => {
    throw new CliError({
      code: 'CLI_USAGE',
      exit: 'usage',
      message: `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Name a file in a directory that is there.',
      cause,
    });
  });
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify({ file, features: [...catalogue.keys()] })}\n`
      : `Wrote ${options.out} with the options of ${catalogue.size} features. Name it in the configuration: "$schema": "./${options.out}".\n`,
  );
  return 'done';
}
