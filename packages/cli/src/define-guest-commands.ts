import { type Command, InvalidArgumentError } from 'commander';
import type { Act } from './act.js';

/** Commands about guests as they are: status, power, delete, exec, logs, history. */
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
    .command('exec')
    .argument('<id>', 'id of a running guest')
    .argument('<command...>', 'program and arguments, after --')
    .summary('run a command in a guest')
    .description(
      'Runs a command as root inside a running guest, through its agent or terminal: no network and no SSH. Standard input and output pass byte for byte; the exit code is the command’s own.',
    )
    .option('--timeout <seconds>', 'how long to wait for it (default: 60)', parseSeconds)
    .action((id: string, argv: string[], _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/exec.js')).runExec(context, id, argv, command.optsWithGlobals()),
      ),
    );

  program
    .command('logs')
    .argument('<id>', 'id of a guest; a running one for logs inside it')
    .argument('[feature]', 'whose log; none lists those that are there')
    .summary('show what features wrote in a guest, or what Proxmox VE did with it')
    .option('--cloud-init', 'show the log of cloud-init')
    .option('--tasks', 'list the tasks of Proxmox VE about the guest, newest first')
    .option('--task <upid>', 'show the log of one of them, to its end')
    .action((id: string, feature: string | undefined, _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/logs.js')).runLogs(context, id, feature, command.optsWithGlobals()),
      ),
    );

  program
    .command('history')
    .argument('[id...]', 'only runs about these guests; or the name of one run')
    .summary('show earlier runs')
    .description(
      'Lists earlier runs of this user on this machine, newest first, or shows what happened in one of them. Kept are 200 runs of the last 90 days, in $XDG_STATE_HOME/phoenix/runs, without secrets.',
    )
    .option('--run <name>', 'show what happened in one run (as its name alone)')
    .option('--limit <number>', 'how many to list (default: 20)', parseCount)
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

function parseCount(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(value);
}

function parseSeconds(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('It must be a whole number of seconds.');
  return Number(value);
}
