import { relative, resolve } from 'node:path';
import { createRedactor, createSecretResolver } from '@phoenix/core';
import {
  type CataloguedFeature,
  type FeatureCatalogue,
  type FeatureEvent,
  type FeatureTestStep,
  type LintFinding,
  lintFeature,
  loadFeatures,
  scaffoldFeature,
  testFeature,
} from '@phoenix/features';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { startTestGuest } from '../start-test-guest.js';
import { createPalette, type Palette, wantsColour } from '../views/palette.js';

/** What `phoenix features new` takes. */
export interface FeaturesNewOptions extends GlobalOptions {
  readonly name?: string;
  readonly package?: string;
  readonly description?: string;
}

/** `phoenix features new`: writes a pack that works as it is. */
export async function runFeaturesNew(
  context: Context,
  directory: string,
  options: FeaturesNewOptions,
): Promise<ExitCodeName> {
  const target = resolve(context.cwd, directory);
  const { name, package: packageName, description } = options;
  const files = await scaffoldFeature({
    directory: target,
    ...(name === undefined ? {} : { name }),
    ...(packageName === undefined ? {} : { package: packageName }),
    ...(description === undefined ? {} : { description }),
  });
  const shown = relative(context.cwd, target) || '.';
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify({ directory: target, files })}\n`
      : [
          `A new feature pack in ${shown}:`,
          ...files.map((file) => `  ${file}`),
          '',
          `Next: cd ${shown} && npm install && npm test`,
          '',
        ].join('\n'),
  );
  return 'done';
}

/** `phoenix features lint`: what an author would want to know before a user does. Errors make it fail. */
export async function runFeaturesLint(
  context: Context,
  packs: readonly string[],
  options: GlobalOptions,
): Promise<ExitCodeName> {
  const palette = paletteOf(context, options);
  let failed = false;
  for (const entry of chosen(await loadPacks(context, packs))) {
    const findings = await lintFeature(entry);
    failed ||= findings.some(({ severity }) => severity === 'error');
    context.stdout.write(
      options.json === true
        ? findings
            .map((finding) => `${JSON.stringify({ feature: entry.feature.name, ...finding })}\n`)
            .join('')
        : renderFindings(entry, findings, palette),
    );
  }
  return failed ? 'failed' : 'done';
}

/** What `phoenix features test` takes. */
export interface FeaturesTestOptions extends GlobalOptions {
  /** JSON text. */
  readonly options?: string;
  /** One feature of a pack that has several. */
  readonly feature?: string;
  readonly guests?: 'simulated' | 'qemu';
  readonly image?: string;
}

/** `phoenix features test`: tries a pack in a fresh guest of a lab that lives as long as the test. */
export async function runFeaturesTest(
  context: Context,
  pack: string,
  options: FeaturesTestOptions,
): Promise<ExitCodeName> {
  const given = parseOptions(options.options);
  const catalogue = await loadPacks(context, [pack]);
  const entries = chosen(catalogue).filter(
    ({ feature }) => options.feature === undefined || feature.name === options.feature,
  );
  if (entries.length === 0)
    throw new CliError({
      code: 'CLI_UNKNOWN_FEATURE',
      exit: 'missing',
      message: `${pack} defines no feature ${options.feature ?? ''}; it has ${chosen(catalogue)
        .map(({ feature }) => feature.name)
        .join(', ')}.`,
    });
  const palette = paletteOf(context, options);
  const secrets = createSecretResolver({
    redactor: createRedactor(),
    directory: context.cwd,
    environment: context.env,
  });
  let passed = true;
  for (const { feature } of entries) {
    const guest = await startTestGuest(context, options.guests ?? 'simulated', options.image);
    try {
      const report = await testFeature(feature, {
        shell: guest.shell,
        catalogue,
        options: given,
        signal: context.signal,
        resolveSecret: (reference) => secrets.resolve({ $secret: reference }),
        onEvent: (event) => context.stdout.write(renderEvent(event, options, palette)),
      });
      passed &&= report.passed;
      context.stdout.write(
        options.json === true
          ? `${JSON.stringify({ type: 'test', feature: report.feature, passed: report.passed, steps: report.steps })}\n`
          : renderSteps(report.feature, report.steps, palette),
      );
    } finally {
      await guest.close();
    }
  }
  return passed ? 'done' : 'failed';
}

/** The built-in packs, and those named: a directory with a package.json, or an installed package. */
async function loadPacks(context: Context, packs: readonly string[]): Promise<FeatureCatalogue> {
  const named = packs.map((pack) => (isPath(pack) ? resolve(context.cwd, pack) : pack));
  return loadFeatures({ from: context.cwd, packages: named });
}

function isPath(pack: string): boolean {
  return pack === '.' || pack === '..' || /^(\.{0,2}\/|[A-Za-z]:\\)/.test(pack);
}

function chosen(catalogue: FeatureCatalogue): readonly CataloguedFeature[] {
  const foreign = [...catalogue.values()].filter(({ source }) => source.kind !== 'built-in');
  return foreign.length > 0 ? foreign : [...catalogue.values()];
}

function parseOptions(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError({
      code: 'CLI_USAGE',
      exit: 'usage',
      message: `--options takes JSON, got ${JSON.stringify(text)}.`,
      hint: `For example: --options '{"port": 6380}'.`,
      cause,
    });
  }
}

function renderFindings(
  { feature }: CataloguedFeature,
  findings: readonly LintFinding[],
  palette: Palette,
): string {
  const sign = { error: palette.red('error'), warning: palette.yellow('warning'), note: palette.dim('note') };
  const lines = findings.map(
    ({ severity, place, line, message }) =>
      `  ${sign[severity]} ${place}${line === undefined ? '' : `:${line}`}: ${message}`,
  );
  return `${[`${palette.bold(feature.name)}: ${findings.length === 0 ? 'nothing to mend' : `${findings.length} to look at`}`, ...lines].join('\n')}\n`;
}

function renderEvent(event: FeatureEvent, options: GlobalOptions, palette: Palette): string {
  if (options.json === true) return `${JSON.stringify({ type: 'feature-event', ...event })}\n`;
  switch (event.kind) {
    case 'step-started':
      return `${palette.dim(`${event.feature}: ${event.step}`)}\n`;
    case 'output':
      return `${palette.dim('  │')} ${event.line}\n`;
    case 'remark':
      return `${palette.yellow('  note')} ${event.message}\n`;
    default:
      return '';
  }
}

function renderSteps(feature: string, steps: readonly FeatureTestStep[], palette: Palette): string {
  const sign = { passed: palette.green('✓'), failed: palette.red('✗'), skipped: palette.dim('-') };
  const lines = steps.map(
    ({ title, outcome, message }) =>
      `${sign[outcome]} ${feature} ${title}${message === undefined ? '' : `: ${message.replaceAll('\n', '\n    ')}`}`,
  );
  return `${lines.join('\n')}\n`;
}

function paletteOf(context: Context, options: GlobalOptions): Palette {
  return createPalette(wantsColour({ env: context.env, option: options.color, output: context.stdout }));
}
