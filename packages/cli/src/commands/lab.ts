import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import {
  isAlive,
  type LabRecord,
  labFolder,
  readLabRecord,
  readLastLabRecord,
  removeLabRecord,
  writeLabRecord,
} from '../lab-record.js';

/** What the commands of `phoenix lab` take. */
export interface LabOptions extends GlobalOptions {
  readonly state?: string;
  readonly release?: '8.4' | '9.2';
  readonly guests?: 'simulated' | 'qemu';
  readonly port?: number;
  readonly detach?: boolean;
}

/** `phoenix lab start`: runs a lab until it is told to stop, here or in the background. */
export async function runLabStart(context: Context, options: LabOptions): Promise<ExitCodeName> {
  const folder = labFolder(context, options.state);
  const running = await readLabRecord(folder);
  if (running !== undefined) {
    if (options.detach === true) return printRecord(context, options, running, 'runs already');
    throw new CliError({
      code: 'CLI_LAB',
      exit: 'refused',
      message: `A lab with this state runs already: ${running.url} (process ${running.pid}).`,
      hint: '`phoenix lab status` prints the lines to export; `phoenix lab stop` ends it; --state starts another.',
    });
  }
  await mkdir(folder, { recursive: true });
  return options.detach === true
    ? startDetached(context, options, folder)
    : startHere(context, options, folder);
}

/** `phoenix lab status`: whether it runs, and the lines to export. */
export async function runLabStatus(context: Context, options: LabOptions): Promise<ExitCodeName> {
  const record = await readLabRecord(labFolder(context, options.state));
  if (record !== undefined) return printRecord(context, options, record, 'runs');
  context.stdout.write(
    options.json === true ? '{"running":false}\n' : '# No lab runs; start one with `phoenix lab start`.\n',
  );
  return 'missing';
}

/** `phoenix lab stop`. Stopping what does not run is fine. */
export async function runLabStop(context: Context, options: LabOptions): Promise<ExitCodeName> {
  const stopped = await stopLab(labFolder(context, options.state));
  if (options.json === true) context.stdout.write(`${JSON.stringify({ running: false, stopped })}\n`);
  else context.stdout.write(stopped ? 'The lab has stopped; its state is kept.\n' : 'No lab runs.\n');
  return 'done';
}

/** `phoenix lab reset`: stops the lab and forgets what it holds. */
export async function runLabReset(context: Context, options: LabOptions): Promise<ExitCodeName> {
  const folder = labFolder(context, options.state);
  const stopped = await stopLab(folder);
  await rm(join(folder, 'data'), { recursive: true, force: true });
  await rm(join(folder, 'lab.log'), { force: true });
  if (options.json === true)
    context.stdout.write(`${JSON.stringify({ running: false, stopped, reset: true })}\n`);
  else context.stdout.write(`${stopped ? 'The lab has stopped and' : 'The lab'} is as new.\n`);
  return 'done';
}

async function startHere(context: Context, options: LabOptions, folder: string): Promise<ExitCodeName> {
  const { startLab } = await import('@phoenix/lab');
  const release = options.release ?? '9.2';
  const guests = options.guests ?? 'simulated';
  const lab = await startLab({
    release,
    guests,
    clock: 'real',
    stateDir: join(folder, 'data'),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  try {
    const { url, token, fingerprint, imageMirror = '' } = lab;
    const record = { pid: process.pid, url, token, fingerprint, imageMirror, release, guests };
    await writeLabRecord(folder, record);
    await printRecord(context, options, record, 'runs until Ctrl-C');
    if (!context.signal.aborted) await once(context.signal, 'abort');
  } finally {
    await removeLabRecord(folder);
    await lab.close();
  }
  return 'done';
}

async function startDetached(context: Context, options: LabOptions, folder: string): Promise<ExitCodeName> {
  const log = await open(join(folder, 'lab.log'), 'w');
  const args = [
    'lab',
    'start',
    '--state',
    folder,
    '--release',
    options.release ?? '9.2',
    '--guests',
    options.guests ?? 'simulated',
  ];
  const child = spawn(
    process.execPath,
    [process.argv[1] ?? '', ...args, ...(options.port === undefined ? [] : ['--port', String(options.port)])],
    { detached: true, stdio: ['ignore', log.fd, log.fd], cwd: folder },
  );
  let exited = false;
  child.on('exit', () => {
    exited = true;
  });
  await log.close();
  for (let waited = 0; waited < 30_000 && !exited; waited += 50) {
    const record = await readLabRecord(folder);
    if (record?.pid === child.pid && record !== undefined) {
      child.unref();
      return printRecord(context, options, record, 'runs in the background');
    }
    await delay(50, undefined, { signal: context.signal });
  }
  child.kill();
  throw new CliError({
    code: 'CLI_LAB',
    exit: 'failed',
    message: 'The lab did not start.',
    hint: `Its last words: ${(await readFile(join(folder, 'lab.log'), 'utf8')).trim().split('\n').slice(-3).join(' ') || 'none'}`,
  });
}

async function stopLab(folder: string): Promise<boolean> {
  const record = await readLabRecord(folder);
  if (record === undefined) {
    const ended = await endLeftGuests(folder);
    await removeLabRecord(folder);
    return ended;
  }
  process.kill(record.pid, 'SIGTERM');
  for (let waited = 0; waited < 30_000 && isAlive(record.pid); waited += 50) await delay(50);
  if (isAlive(record.pid))
    throw new CliError({
      code: 'CLI_LAB',
      exit: 'failed',
      message: `The lab (process ${record.pid}) did not stop within 30 s.`,
      hint: `End it with: kill -9 ${record.pid}`,
    });
  await removeLabRecord(folder);
  return true;
}

/** Real guests live on when their lab dies. The next lab on the same state finds them, and ends them as it closes. Resolves to whether there can be any. */
async function endLeftGuests(folder: string): Promise<boolean> {
  const last = await readLastLabRecord(folder);
  if (last?.guests !== 'qemu') return false;
  const { startLab } = await import('@phoenix/lab');
  const lab = await startLab({ guests: 'qemu', stateDir: join(folder, 'data'), imageMirror: false });
  await lab.close();
  return true;
}

async function printRecord(
  context: Context,
  options: LabOptions,
  record: LabRecord,
  how: string,
): Promise<ExitCodeName> {
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify({ running: true, ...record })}\n`
      : [
          `# A Proxmox VE ${record.release} lab ${how}: ${record.url} (${record.guests} guests)`,
          `export PHOENIX_PVE_URL=${record.url}`,
          `export PHOENIX_PVE_TOKEN='${record.token}'`,
          `export PHOENIX_PVE_FINGERPRINT=${record.fingerprint}`,
          `export PHOENIX_IMAGE_MIRROR=${record.imageMirror}`,
          ...(record.guests === 'qemu' ? await noteMissingImages() : []),
          '',
        ].join('\n'),
  );
  return 'done';
}

/** Real guests boot from images that somebody has to build first. */
async function noteMissingImages(): Promise<readonly string[]> {
  const { findGuestImages } = await import('@phoenix/lab');
  return (await findGuestImages()) === undefined
    ? [
        '# There is no image for real guests yet: `pnpm guest-images` builds it (as root); then start the lab anew.',
      ]
    : [];
}
