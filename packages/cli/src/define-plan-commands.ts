import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Act } from './act.js';

/** Commands about what is declared: plan, orchestrate, validate, render, import, history. */
export function definePlanCommands(program: Command, act: Act): void {
  planning(program.command('orchestrate'))
    .summary('make guests as they are declared')
    .description(
      'Makes the named guests, and what they are cloned from or depend on, as they are declared. Running it again continues after any interruption, and does nothing where nothing differs.',
    )
    .option(
      '--plan <file>',
      'apply a plan saved by `phoenix plan --out`; refused when the world changed since',
    )
    .option('--parallel <number>', 'actions at the same time (default: 16)', parsePositive)
    .option('--fail-fast', 'start nothing more after the first failure')
    .option('--remove-features', 'run the remove scripts of features that left the configuration')
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/orchestrate.js')).runOrchestrate(context, ids, command.optsWithGlobals()),
      ),
    );

  planning(program.command('plan'))
    .summary('show what orchestrate would do')
    .description('Shows what `orchestrate` would do, and does nothing.')
    .option('--out <file>', 'save the plan for `phoenix orchestrate --plan`')
    .option('--detailed-exitcode', 'exit with 2 when there is something to do')
    .addOption(new Option('--graph <format>', 'print the graph of actions').choices(['mermaid', 'dot']))
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/plan.js')).runPlan(context, ids, command.optsWithGlobals()),
      ),
    );

  program
    .command('import')
    .argument('[id...]', 'ids of guests, ranges such as 100-120 too')
    .summary('write the configuration of guests that exist')
    .description(
      'Writes guests of the cluster, machines and containers, as a configuration. `orchestrate --adopt` of it claims them and changes nothing else. Reads only; secrets are never written.',
    )
    .option('-a, --all', 'every guest of the cluster that is not declared yet')
    .addOption(
      new Option(
        '--format <format>',
        'of the configuration (default: json, or by the ending of --out)',
      ).choices(['json', 'yaml']),
    )
    .option('--out <file>', 'write it there instead of printing it')
    .option('--force', 'overwrite the file when it exists')
    .option('--include-declared', 'also guests that the configuration declares already')
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/import.js')).runImport(context, ids, command.optsWithGlobals()),
      ),
    );

  program
    .command('validate')
    .summary('check the configuration')
    .description(
      'Reads the configuration and lists every problem with file, line and column. Touches no Proxmox VE.',
    )
    .action((_options, command: Command) =>
      act(async (context) =>
        (await import('./commands/validate.js')).runValidate(context, command.optsWithGlobals()),
      ),
    );

  program
    .command('render')
    .argument('<id>', 'id of a machine')
    .summary('print the cloud-init seed of a machine')
    .description(
      'Prints the user-data, meta-data and network-config that a machine would get, secrets redacted.',
    )
    .option('--out <directory>', 'write the three files there instead')
    .option('--iso <file>', 'write the NoCloud ISO there instead; it holds secrets in clear text')
    .action((id: string, _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/render.js')).runRender(context, id, command.optsWithGlobals()),
      ),
    );
}

function planning(command: Command): Command {
  return command
    .argument('[id...]', 'ids of guests, ranges such as 8000-8003 too')
    .option('-a, --all', 'every guest of the configuration')
    .option('--adopt', 'take over guests that exist under a declared id without being ours')
    .option('--allow-replace', 'delete and make anew what cannot be changed in place')
    .option('--no-correct-drift', 'leave alone what somebody else changed')
    .option('--check-features', 'look inside guests at whether features are still as recorded')
    .addOption(
      new Option('--reboot <policy>', 'restart guests whose changes wait for it').choices([
        'never',
        'if-pending',
      ]),
    );
}

function parsePositive(value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value))
    throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
  return Number(value);
}
