import { GUEST_ROOT, type GuestShell } from '@phoenix/features';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { openOrchestrator } from '../open-orchestrator.js';
import { parseId } from '../parse-targets.js';

/** What `phoenix logs` takes. */
export interface LogsOptions extends GlobalOptions {
  readonly cloudInit?: boolean;
  readonly tasks?: boolean;
  /** A UPID. */
  readonly task?: string;
}

/**
 * `phoenix logs`: what features, or cloud-init, wrote inside a guest; without a feature's name, which logs there are. With `--tasks` and `--task`
 * what Proxmox VE did with it.
 */
export async function runLogs(
  context: Context,
  word: string,
  feature: string | undefined,
  options: LogsOptions,
): Promise<ExitCodeName> {
  const vmid = parseId(word);
  const cluster = await openOrchestrator(context, options);
  if (options.tasks === true || options.task !== undefined) {
    const { listGuestTasks, printTaskLog } = await import('./task-logs.js');
    return options.task === undefined
      ? listGuestTasks(context, cluster, vmid, options)
      : printTaskLog(context, cluster, vmid, options.task, options);
  }
  const { orchestrator } = cluster;
  const shell = await orchestrator.openShell(vmid, { signal: context.signal });
  if (options.cloudInit === true) return printLog(context, shell, '/var/log/cloud-init-output.log');
  if (feature !== undefined && !/^[a-z][a-z0-9_-]*$/.test(feature))
    throw new CliError({
      code: 'CLI_USAGE',
      exit: 'usage',
      message: `"${feature}" is no name of a feature.`,
    });
  if (feature !== undefined) return printLog(context, shell, `${GUEST_ROOT}/logs/${feature}.log`);
  const { stdout } = await shell.run({
    argv: ['sh', '-c', 'ls -1 "$1" 2>/dev/null || :', 'sh', `${GUEST_ROOT}/logs`],
  });
  const names = new TextDecoder()
    .decode(stdout)
    .split('\n')
    .flatMap((file) => /^([a-z][a-z0-9_-]*)\.log$/.exec(file)?.[1] ?? []);
  if (options.json === true) context.stdout.write(`${JSON.stringify({ vmid, logs: names })}\n`);
  else if (names.length === 0)
    context.stdout.write(
      `No feature has left a log in ${vmid}; --cloud-init shows the log of cloud-init, --tasks what Proxmox VE did.\n`,
    );
  else for (const name of names) context.stdout.write(`phoenix logs ${vmid} ${name}\n`);
  return 'done';
}

async function printLog(context: Context, shell: GuestShell, path: string): Promise<ExitCodeName> {
  const { exitCode, stdout } = await shell.run({ argv: ['tail', '-c', '1048576', path] });
  if (exitCode !== 0)
    throw new CliError({
      code: 'CLI_NO_LOG',
      exit: 'missing',
      message: `There is no log ${path} in ${shell.description}.`,
      hint: '`phoenix logs <id>` without a name lists the logs that are there.',
    });
  context.stdout.write(stdout);
  return 'done';
}
