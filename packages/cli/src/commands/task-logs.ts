import type { Orchestrator } from '@phoenix/core';
import {
  getTaskStatus,
  listTasks,
  type ProxmoxClient,
  parseUpid,
  readTaskLog,
  type TaskEntry,
} from '@phoenix/proxmox-client';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { formatDuration } from '../views/format-duration.js';
import { createPalette, type Palette, wantsColour } from '../views/palette.js';
import { renderTable } from '../views/render-table.js';
import { stripControls } from '../views/text-width.js';

/** How many tasks `phoenix logs --tasks` lists. */
const listed = 20;

interface Cluster {
  readonly orchestrator: Orchestrator;
  readonly client: ProxmoxClient;
}

/** `phoenix logs <id> --tasks`: what Proxmox VE did with a guest, newest first; of a stopped guest, too. */
export async function listGuestTasks(
  context: Context,
  { orchestrator, client }: Cluster,
  vmid: number,
  options: GlobalOptions,
): Promise<ExitCodeName> {
  const [guest] = await orchestrator.status([vmid], { signal: context.signal });
  if (guest?.node === undefined)
    throw new CliError({
      code: 'CLI_NO_LOG',
      exit: 'missing',
      message: `There is no guest ${vmid} on the cluster, so no node keeps tasks of it.`,
      hint: `Make it with \`phoenix orchestrate ${vmid}\`.`,
    });
  const tasks = await listTasks(
    client,
    { node: guest.node, vmid, limit: listed },
    { signal: context.signal },
  );
  if (options.json === true) {
    for (const { upid, type, user, starttime, endtime, status } of tasks)
      context.stdout.write(`${JSON.stringify({ vmid, upid, type, user, starttime, endtime, status })}\n`);
    return 'done';
  }
  const palette = createPalette(
    wantsColour({ env: context.env, option: options.color, output: context.stdout }),
  );
  context.stdout.write(
    tasks.length === 0
      ? `Node ${guest.node} keeps no tasks of ${vmid} that this token may see.\n`
      : renderTable(
          ['STARTED', 'TYPE', 'TOOK', 'STATUS', 'TASK'],
          tasks.map((task) => renderTask(task, palette)),
          palette,
        ),
  );
  return 'done';
}

function renderTask(task: TaskEntry, palette: Palette): readonly string[] {
  const { starttime, endtime, status = 'RUNNING', type, upid } = task;
  const paint =
    status === 'OK' ? palette.green : /^(RUNNING|WARNINGS)/.test(status) ? palette.yellow : palette.red;
  return [
    new Date(starttime * 1000).toISOString().slice(0, 19).replace('T', ' '),
    type,
    endtime === undefined ? '' : formatDuration((endtime - starttime) * 1000),
    paint(stripControls(status)),
    upid,
  ];
}

/** `phoenix logs <id> --task UPID`: the log of one task, to its end where it still runs. */
export async function printTaskLog(
  context: Context,
  { client }: Pick<Cluster, 'client'>,
  vmid: number,
  upid: string,
  options: GlobalOptions,
): Promise<ExitCodeName> {
  const wrong = (message: string) =>
    new CliError({
      code: 'CLI_NO_LOG',
      exit: 'missing',
      message,
      hint: `\`phoenix logs ${vmid} --tasks\` lists the tasks of it.`,
    });
  let id: string;
  try {
    ({ id } = parseUpid(upid));
  } catch {
    throw wrong(`"${upid}" is not the name of a task.`);
  }
  if (id !== String(vmid))
    throw wrong(`The task ${upid} is about ${id === '' ? 'no guest' : id}, not about ${vmid}.`);
  const { signal } = context;
  for await (const { text } of readTaskLog(client, { upid }, { signal }))
    context.stdout.write(
      options.json === true ? `${JSON.stringify({ upid, text })}\n` : `${stripControls(text)}\n`,
    );
  const { exitstatus } = await getTaskStatus(client, upid, { signal });
  if (options.json === true) context.stdout.write(`${JSON.stringify({ upid, exitstatus })}\n`);
  return 'done';
}
