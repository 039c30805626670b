import type { Command } from 'commander';
import type { Act } from './act.js';

/** Commands about feature packs. */
export function defineFeatureCommands(program: Command, act: Act): void {
  const features = program
    .command('features')
    .summary('feature packs: list, show')
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
}
