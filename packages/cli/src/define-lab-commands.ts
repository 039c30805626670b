import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Act } from './act.js';

/** Commands about where to work: the lab on this machine, and the fingerprint of a real server. */
export function defineLabCommands(program: Command, act: Act): void {
  const lab = program
    .command('lab')
    .summary('an embedded Proxmox VE on this machine')
    .description('An embedded Proxmox VE on this machine, to try things out and to test against.');

  stateDirectory(lab.command('start'))
    .summary('start the lab and print the lines to export')
    .description(
      'Starts the lab and prints the lines to export. Runs until Ctrl-C, or in the background with --detach.',
    )
    .addOption(
      new Option('--release <release>', 'which Proxmox VE it is').choices(['8.4', '9.2']).default('9.2'),
    )
    .addOption(
      new Option('--guests <kind>', 'simulated guests, or real ones in QEMU')
        .choices(['simulated', 'qemu'])
        .default('simulated'),
    )
    .option('--port <port>', 'port on 127.0.0.1 (default: a free one)', parsePort)
    .option('--detach', 'run in the background')
    .action((_options, command: Command) =>
      act(async (context) =>
        (await import('./commands/lab.js')).runLabStart(context, command.optsWithGlobals()),
      ),
    );
  stateDirectory(lab.command('status'))
    .summary('show whether the lab runs, and the lines to export')
    .action((_options, command: Command) =>
      act(async (context) =>
        (await import('./commands/lab.js')).runLabStatus(context, command.optsWithGlobals()),
      ),
    );
  stateDirectory(lab.command('stop'))
    .summary('stop a lab that runs in the background')
    .action((_options, command: Command) =>
      act(async (context) =>
        (await import('./commands/lab.js')).runLabStop(context, command.optsWithGlobals()),
      ),
    );
  stateDirectory(lab.command('reset'))
    .summary('forget everything the lab holds')
    .description('Stops the lab when it runs and forgets its guests, storages and tasks.')
    .action((_options, command: Command) =>
      act(async (context) =>
        (await import('./commands/lab.js')).runLabReset(context, command.optsWithGlobals()),
      ),
    );

  program
    .command('fingerprint')
    .argument('[url]', 'address of the server; default PHOENIX_PVE_URL')
    .summary("print a server's certificate fingerprint")
    .description(
      'Connects without trusting, and prints the SHA-256 fingerprint to compare with the one that Proxmox VE shows (node, System, Certificates), as a line to export.',
    )
    .action((url: string | undefined, _options, command: Command) =>
      act(async (context) =>
        (await import('./commands/fingerprint.js')).runFingerprint(context, url, command.optsWithGlobals()),
      ),
    );
}

function stateDirectory(command: Command): Command {
  return command.option(
    '--state <directory>',
    'where the lab keeps its state (default: phoenix-lab in the user’s state directory)',
  );
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65_535)
    throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return port;
}
