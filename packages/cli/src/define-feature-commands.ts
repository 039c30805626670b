import { type Command, Option } from 'commander';
import type { Act } from './act.js';

/** Commands about feature packs. */
export function defineFeatureCommands(program: Command, act: Act): void {
  const features = program
    .command('features')
    .summary('feature packs: list, show, schema, new, lint, test')
    .description('Feature packs: the built-in ones, and those that the configuration names.');

  features
    .command('list')
    .summary('list the features that a configuration may name')
    .action((_options, command: Command) =>
      act(async (context) =>
        (await import('./commands/features.js')).runFeaturesList(context, command.optsWithGlobals()),
      ),
    );
  features
    .command('show')
    .argument('<name>', 'name of a feature')
    .summary('show a feature: options, hooks, what it requires')
    .action((name: string, _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/features.js')).runFeaturesShow(context, name, command.optsWithGlobals()),
      ),
    );
  features
    .command('schema')
    .summary('write the JSON Schema of a configuration with the options of these features')
    .option('--out <file>', 'where it is written (default: standard output)')
    .action((_options, command: Command) =>
      act(async (context) =>
        (await import('./commands/features-schema.js')).runFeaturesSchema(context, command.optsWithGlobals()),
      ),
    );
  features
    .command('new')
    .argument('<directory>', 'where the pack is written; new or empty')
    .summary('write a new feature pack that works as it is')
    .option('--name <name>', 'name of the feature (default: the directory’s)')
    .option('--package <name>', 'name of the npm package (default: phoenix-feature-<name>)')
    .option('--description <text>', 'one sentence about it')
    .action((directory: string, _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/features-authoring.js')).runFeaturesNew(
          context,
          directory,
          command.optsWithGlobals(),
        ),
      ),
    );
  features
    .command('lint')
    .argument('[packs...]', 'directories or installed packages (default: the built-in packs)')
    .summary('look a pack over as its author: missing hooks, scripts, options, package.json')
    .action((packs: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/features-authoring.js')).runFeaturesLint(
          context,
          packs,
          command.optsWithGlobals(),
        ),
      ),
    );
  features
    .command('test')
    .argument('<pack>', 'directory or installed package')
    .summary('try a pack in a fresh guest of a lab: apply, repeat, check, verify, remove')
    .option('--options <json>', 'options to try it with')
    .option('--feature <name>', 'one feature of a pack that has several')
    .option('--image <image>', 'image of the guest (default: noble-server-cloudimg-amd64.img)')
    .addOption(
      new Option('--guests <kind>', 'a simulated guest, or a real one in QEMU')
        .choices(['simulated', 'qemu'])
        .default('simulated'),
    )
    .action((pack: string, _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/features-authoring.js')).runFeaturesTest(
          context,
          pack,
          command.optsWithGlobals(),
        ),
      ),
    );
}
