import { Command, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { Act } from './act.js';
import { defineFeatureCommands } from './define-feature-commands.js';
import { defineGuestCommands } from './define-guest-commands.js';
import { defineLabCommands } from './define-lab-commands.js';
import { definePlanCommands } from './define-plan-commands.js';

const EPILOGUE = `
Connection (environment):
  PHOENIX_PVE_URL          https://pve.example.org:8006; several of one cluster separated by commas
  PHOENIX_PVE_TOKEN        user@realm!name=secret
  PHOENIX_PVE_FINGERPRINT  SHA-256 fingerprint of the certificate; \`phoenix fingerprint\` prints it
  PHOENIX_PVE_CA           or a PEM file with the authority that signed it

Configuration: --config FILE (repeatable), PHOENIX_CONFIG, ./phoenix_vm_configs.json and
./phoenix_lxc_configs.json, ./phoenix.yaml or .json, /usr/local/phoenix_hypervisor/etc/.

No Proxmox VE at hand? \`phoenix lab start\` runs one on this machine.
`;

/**
 * The command line as a tree. Actions load their code when they run, so that help and mistakes are answered at once.
 * Nothing is parsed or printed here.
 */
export function createProgram(act: Act): Command {
  const program = new Command('phoenix')
    .description('One declarative file becomes running Proxmox VE guests.')
    .version(manifest.version, '-V, --version')
    .option('-c, --config <file>', 'a configuration file; repeatable', collect)
    .option('--json', 'print machine-readable output (NDJSON events, JSON documents)')
    .option('--strict', 'unknown configuration keys are errors')
    .option('-v, --verbose', 'show the output of features and the logs of tasks, too')
    .addOption(new Option('--no-color', 'never colour'))
    .addHelpText('after', EPILOGUE)
    .showSuggestionAfterError()
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false });
  definePlanCommands(program, act);
  defineGuestCommands(program, act);
  defineFeatureCommands(program, act);
  defineLabCommands(program, act);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
