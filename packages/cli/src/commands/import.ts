import {
  createOrchestrator,
  type ImportedConfig,
  type Notice,
  parseConfig,
  printConfig,
} from '@phoenix/core';
import { createProxmoxClient } from '@phoenix/proxmox-client';
import { readConnection } from '../connection.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { openConfig } from '../open-config.js';
import { parseTargets } from '../parse-targets.js';
import { createPalette, type Palette, wantsColour } from '../views/palette.js';
import { stripControls } from '../views/text-width.js';
import { writeOutput } from '../write-output.js';

/** What `phoenix import` takes. */
export interface ImportCommandOptions extends GlobalOptions {
  readonly all?: boolean;
  /** Default: by the ending of `out`, else JSON. */
  readonly format?: 'json' | 'yaml';
  readonly out?: string;
  readonly force?: boolean;
  readonly includeDeclared?: boolean;
}

/** `phoenix import`: guests of the cluster as a configuration, on stdout or in a file. Changes nothing on the cluster. */
export async function runImport(
  context: Context,
  ids: readonly string[],
  options: ImportCommandOptions,
): Promise<ExitCodeName> {
  const targets = parseTargets(ids, options.all);
  const config = await openConfigIfAny(context, options);
  const client = createProxmoxClient(readConnection(context.env));
  const imported = await createOrchestrator({ client, config }).importGuests(targets, {
    includeDeclared: options.includeDeclared === true,
    signal: context.signal,
  });
  const format = options.format ?? (/\.ya?ml$/.test(options.out ?? '') ? 'yaml' : 'json');
  const text = printConfig(imported.file, format);
  const found = imported.vmids.length > 0;
  if (options.out !== undefined && found)
    await writeOutput(context, options.out, text, { force: options.force === true });
  if (options.json === true) context.stdout.write(`${JSON.stringify({ type: 'import', ...imported })}\n`);
  else {
    if (options.out === undefined && found) context.stdout.write(text);
    context.stderr.write(renderImport(imported, options, paletteOf(context, options)));
  }
  return 'done';
}

/** The configuration that is there; none is as good, unless one was named. */
async function openConfigIfAny(context: Context, options: GlobalOptions) {
  try {
    return await openConfig(context, options);
  } catch (error) {
    const named = options.config !== undefined || (context.env.PHOENIX_CONFIG ?? '') !== '';
    const missing = error instanceof Error && 'code' in error && error.code === 'PHOENIX_CONFIG_NOT_FOUND';
    if (named || !missing) throw error;
    return parseConfig([]);
  }
}

function paletteOf(context: Context, options: GlobalOptions): Palette {
  return createPalette(wantsColour({ env: context.env, option: options.color, output: context.stderr }));
}

function renderImport(imported: ImportedConfig, options: ImportCommandOptions, palette: Palette): string {
  const { vmids, notices } = imported;
  if (vmids.length === 0) return 'Nothing to import: every guest of the cluster is declared.\n';
  const file = options.out ?? 'FILE';
  const guests = `${vmids.length} guest${vmids.length === 1 ? '' : 's'}`;
  const written = options.out === undefined ? '' : ` to ${options.out}`;
  return [
    ...notices.map((notice: Notice) => `${palette.yellow('!')} ${stripControls(notice.message)}\n`),
    `${palette.green('imported')} ${guests}${written}. See what taking them over would do: phoenix plan --all --adopt --config ${file}\n`,
  ].join('');
}
