import { nearestName } from '@phoenix/core';
import { type CataloguedFeature, describeSource, optionsSchema } from '@phoenix/features';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { loadCatalogue } from '../load-catalogue.js';
import { createPalette, type Palette, wantsColour } from '../views/palette.js';
import { renderTable } from '../views/render-table.js';

/** `phoenix features list`: what a configuration may name under `features`. */
export async function runFeaturesList(context: Context, options: GlobalOptions): Promise<ExitCodeName> {
  const entries = [...(await loadCatalogue(context, options)).values()];
  const palette = paletteOf(context, options);
  context.stdout.write(
    options.json === true
      ? entries.map((entry) => `${JSON.stringify(describe(entry))}\n`).join('')
      : renderTable(
          ['NAME', 'VERSION', 'FROM', 'DESCRIPTION'],
          entries.map(({ feature, source }) => [
            palette.bold(feature.name),
            feature.version,
            describeSource(source),
            feature.description,
          ]),
          palette,
        ),
  );
  return 'done';
}

/** `phoenix features show`: one feature with its options. */
export async function runFeaturesShow(
  context: Context,
  name: string,
  options: GlobalOptions,
): Promise<ExitCodeName> {
  const catalogue = await loadCatalogue(context, options);
  const entry = catalogue.get(name);
  if (entry === undefined) {
    const nearest = nearestName(name, [...catalogue.keys()]);
    throw new CliError({
      code: 'CLI_UNKNOWN_FEATURE',
      exit: 'missing',
      message: `There is no feature ${name}.`,
      hint:
        nearest === undefined
          ? '`phoenix features list` prints all that are known.'
          : `Did you mean ${nearest}?`,
    });
  }
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify({ ...describe(entry), options: optionsSchema(entry.feature) })}\n`
      : renderFeature(entry, paletteOf(context, options)),
  );
  return 'done';
}

function describe({ feature, source }: CataloguedFeature) {
  const { name, version, description, requires, after, conflicts, platforms, reboot } = feature;
  const hooks = Object.fromEntries(
    Object.entries(feature.hooks).map(([hook, { script, timeoutMs }]) => [hook, { script, timeoutMs }]),
  );
  return { name, version, description, source, requires, after, conflicts, platforms, reboot, hooks };
}

function renderFeature({ feature, source }: CataloguedFeature, palette: Palette): string {
  const schema: { properties?: Readonly<Record<string, unknown>>; required?: readonly string[] } =
    optionsSchema(feature);
  const options = Object.entries(schema.properties ?? {});
  const list = (title: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${palette.dim(title.padEnd(10))} ${values.join(', ')}`];
  return [
    `${palette.bold(`${feature.name} ${feature.version}`)}  ${feature.description}`,
    ...list('from', [describeSource(source)]),
    ...list(
      'platforms',
      feature.platforms.map(({ id, minVersion }) =>
        minVersion === undefined ? id : `${id} ≥ ${minVersion}`,
      ),
    ),
    ...list('requires', feature.requires),
    ...list('after', feature.after),
    ...list('conflicts', feature.conflicts),
    ...list(
      'hooks',
      Object.entries(feature.hooks).map(([hook, { script }]) => `${hook} (${script})`),
    ),
    '',
    options.length === 0 ? palette.dim('No options.') : 'Options:',
    ...options.flatMap(([name, option]) =>
      renderOption(name, option, schema.required?.includes(name) === true, palette),
    ),
    '',
  ].join('\n');
}

function renderOption(name: string, option: unknown, required: boolean, palette: Palette): readonly string[] {
  const facts: Readonly<Record<string, unknown>> =
    typeof option === 'object' && option !== null ? { ...option } : {};
  const fallback = facts.default === undefined ? '' : `, default ${JSON.stringify(facts.default)}`;
  const description = typeof facts.description === 'string' ? [`      ${facts.description}`] : [];
  return [
    `  ${palette.cyan(name)}  ${palette.dim(`${typeOf(facts)}${required && fallback === '' ? ', required' : fallback}`)}`,
    ...description,
  ];
}

function typeOf(facts: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(facts.enum)) return facts.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (typeof facts.type === 'string') return facts.type;
  return Array.isArray(facts.anyOf)
    ? facts.anyOf
        .flatMap((member: unknown) =>
          typeof member === 'object' &&
          member !== null &&
          'type' in member &&
          typeof member.type === 'string' &&
          member.type !== 'object'
            ? [member.type]
            : [],
        )
        .join(' | ')
    : 'any';
}

function paletteOf(context: Context, options: GlobalOptions): Palette {
  return createPalette(wantsColour({ env: context.env, option: options.color, output: context.stdout }));
}
