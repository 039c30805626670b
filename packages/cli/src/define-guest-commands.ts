import type { Command } from 'commander';
import type { Act } from './act.js';

/** Commands about guests as they are: status, start, stop, restart, delete, history. */
export function defineGuestCommands(program: Command, act: Act): void {
  program
    .command('status')
    .argument('[id...]', 'ids of guests; none means every declared one')
    .summary('show how declared guests are')
    .description('Shows the declared guests as they are on the cluster.')
    .option('-a, --all', 'every guest of the configuration (as without ids)')
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/status.js')).runStatus(context, ids, command.optsWithGlobals()),
      ),
    );

  power(program.command('start'), 'start guests')
    .description('Starts guests, those that others depend on first.')
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/power.js')).runPower(context, 'start', ids, command.optsWithGlobals()),
      ),
    );
  power(program.command('stop'), 'shut guests down')
    .description('Shuts guests down gracefully; stops those that do not within their time-out.')
    .option('--force', 'stop at once, without asking the guest')
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/power.js')).runPower(context, 'stop', ids, command.optsWithGlobals()),
      ),
    );
  power(program.command('restart'), 'shut guests down and start them')
    .description(
      'Shuts guests down gracefully and starts them: a cold start, which changes that wait for one need.',
    )
    .option('--force', 'stop at once, without asking the guest')
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/power.js')).runPower(context, 'restart', ids, command.optsWithGlobals()),
      ),
    );

  power(program.command('delete'), 'delete guests and their seeds')
    .description(
      'Shuts guests down, deletes them and their cloud-init seeds. Refuses what Phoenix did not make and templates that have linked clones. Asks on a terminal.',
    )
    .option('-y, --yes', 'do not ask')
    .option('--adopt', 'delete also guests that are not ours')
    .option('--force', 'stop at once, without asking the guest')
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/delete.js')).runDelete(context, ids, command.optsWithGlobals()),
      ),
    );

  program
    .command('history')
    .argument('[id...]', 'only runs about these guests')
    .summary('show earlier runs')
    .description(
      'Lists earlier runs of this user on this machine, newest first, or shows what happened in one of them.',
    )
    .option('--run <name>', 'show the events of one run')
    .option('--limit <number>', 'how many to list (default: 20)', Number)
    .action((ids: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/history.js')).runHistory(context, ids, command.optsWithGlobals()),
      ),
    );
}

function power(command: Command, summary: string): Command {
  return command
    .summary(summary)
    .argument('[id...]', 'ids of guests, ranges such as 8000-8003 too')
    .option('-a, --all', 'every guest of the configuration');
}
