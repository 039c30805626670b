import type { GuestShell } from '@phoenix/features';
import { z } from 'zod';
import { growingPauses, pause } from '../../../apply/pause.js';
import type { Step } from '../../../apply/step-context.js';
import { errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { requireGuest } from '../../guest-step.js';
import { createAgentShell } from '../agent-shell.js';

const statusSchema = z.object({
  status: z.string().default('unknown'),
  detail: z.string().optional(),
  errors: z.array(z.string()).optional(),
  recoverable_errors: z.record(z.string(), z.array(z.string())).optional(),
});

/** How far cloud-init is, as it notes for itself while it works (`/run/cloud-init/status.json`). */
const progressSchema = z.object({
  v1: z.looseObject({ stage: z.string().nullish() }).optional(),
});

/**
 * While cloud-init works, its own note is read: a shell starts many times faster than cloud-init's Python, which would slow down the boot that is waited
 * for. Once it has left its result, or where it left no note at all, `cloud-init status` is asked.
 */
const stillRunning = 99;

const stages: Readonly<Record<string, string>> = {
  'init-local': 'before the network (init-local)',
  init: 'network stage (init): users, files, host keys',
  'modules-config': 'config stage (modules-config): package sources, locale',
  'modules-final': 'final stage (modules-final): packages, scripts',
};

const text = new TextDecoder();

/** A machine whose seal was cut off in this very boot has no state of cloud-init any more, and none to wait for. */
const statusScript = `if [ -e /run/phoenix-sealing ]; then echo 'status: done'; exit 0; fi
command -v cloud-init >/dev/null 2>&1 || exit 127
if [ -e /run/cloud-init/status.json ] && [ ! -e /run/cloud-init/result.json ]; then cat /run/cloud-init/status.json; exit 99; fi
cloud-init status --format json`;

interface CloudInitState {
  readonly state: 'running' | 'done' | 'absent' | 'degraded' | 'failed';
  readonly detail: string;
}

/** Reads `cloud-init status`: exit codes are 0 done, 1 failed, 2 done with remarks (cloud-init ≥ 23.4); older ones answer in plain text. */
async function askCloudInit(shell: GuestShell): Promise<CloudInitState> {
  const result = await shell.run({
    argv: ['/bin/sh', '-c', statusScript],
    timeoutMs: 60_000,
  });
  if (result.exitCode === 127) return { state: 'absent', detail: 'cloud-init is not installed' };
  const output = text.decode(result.stdout);
  if (result.exitCode === stillRunning) return { state: 'running', detail: describeStage(output) };
  let status = /^status: (.*)$/m.exec(output)?.[1] ?? 'unknown';
  let detail = '';
  try {
    const parsed = statusSchema.parse(JSON.parse(output));
    status = parsed.status;
    const recoverable = Object.values(parsed.recoverable_errors ?? {}).flat();
    detail = [...(parsed.errors ?? []), ...recoverable].join('; ') || (parsed.detail ?? '');
  } catch {
    detail = output.trim();
  }
  if (/running|not started|not run|unknown/.test(status) && result.exitCode !== 1)
    return { state: 'running', detail: status };
  if (/disabled/.test(status)) return { state: 'absent', detail: 'cloud-init is disabled' };
  if (/error/.test(status) || result.exitCode === 1) return { state: 'failed', detail };
  return result.exitCode === 2 ? { state: 'degraded', detail } : { state: 'done', detail };
}

function describeStage(note: string): string {
  try {
    const stage = progressSchema.parse(JSON.parse(note)).v1?.stage;
    if (typeof stage === 'string') return `still at the ${stages[stage] ?? `stage ${stage}`}`;
  } catch {
    // Read while it was being written.
  }
  return 'between two stages';
}

/** cloud-init names what failed as `('module_name', Error(...))`, one per module. */
function failedModules(detail: string): string {
  const names = [...new Set([...detail.matchAll(/\('([\w-]+)', /g)].map((match) => match[1]))];
  return names.length === 0 ? '' : ` in ${names.length === 1 ? 'module' : 'modules'} ${names.join(', ')}`;
}

/** What went wrong is seldom at the end of the log: later stages go on. */
const logScript = `log=/var/log/cloud-init-output.log
grep -E '^[EW]: |[Ee]rror|[Ff]ail|Traceback' $log | tail -n 10
echo ...
tail -n 10 $log`;

/** One line of bearable length: cloud-init prints whole Python objects. */
function shorten(detail: string): string {
  const line = detail.replaceAll('\\n', ' ').replace(/\s+/g, ' ');
  return line.length > 400 ? `${line.slice(0, 400)} …` : line;
}

async function readLogTail(shell: GuestShell): Promise<readonly string[]> {
  const result = await shell.run({
    argv: ['/bin/sh', '-c', logScript],
    timeoutMs: 30_000,
  });
  return text
    .decode(result.stdout)
    .split('\n')
    .filter((line) => line !== '');
}

/**
 * Waits until cloud-init is done in the guest. Done with remarks is a warning.
 * @throws {PhoenixError} `PHOENIX_CLOUD_INIT_FAILED` with the end of its log, `PHOENIX_CLOUD_INIT_TIMEOUT` after `timeouts.cloud_init` (default 10 minutes)
 */
export const waitCloudInit: Step = async (context) => {
  const { client, vmid, guestName, report, signal, limits, declaredGuest } = context;
  const guest = await requireGuest(context);
  const shell = createAgentShell({ client, signal }, { node: guest.node, vmid });
  const timeoutMs = declaredGuest?.timeouts.cloudInitMs ?? 600_000;
  const deadline = performance.now() + timeoutMs;
  let waited = false;
  for (const next of growingPauses(250, 1000)) {
    let answer: CloudInitState;
    try {
      answer = await limits.run([`agent:${guest.node}`], () => askCloudInit(shell));
    } catch (error) {
      if (errorCode(error) !== 'GUEST_UNREACHABLE') throw error;
      answer = { state: 'running', detail: 'the guest agent does not answer for now' };
    }
    if (answer.state === 'degraded')
      report.warn(
        `cloud-init is done with remarks: ${answer.detail || 'see /var/log/cloud-init.log in the guest'}`,
      );
    if (answer.state === 'absent') report.progress(answer.detail);
    if (answer.state === 'failed') {
      const lines = await readLogTail(shell).catch(() => []);
      throw new PhoenixError({
        code: 'PHOENIX_CLOUD_INIT_FAILED',
        message: `cloud-init failed in machine ${vmid} (${guestName})${failedModules(answer.detail)}${answer.detail === '' ? '' : `: ${shorten(answer.detail)}`}`,
        hint: 'Read /var/log/cloud-init-output.log in the guest; after correcting the cause delete the machine and run again, since cloud-init runs once per seed.',
        details: { vmid, log: lines },
      });
    }
    if (answer.state !== 'running') return { outcome: waited ? 'ok' : 'unchanged' };
    waited = true;
    report.progress(`waiting for cloud-init: ${answer.detail}`);
    if (performance.now() > deadline) {
      throw new PhoenixError({
        code: 'PHOENIX_CLOUD_INIT_TIMEOUT',
        message: `cloud-init in machine ${vmid} (${guestName}) was not done within ${Math.round(timeoutMs / 1000)} s: ${answer.detail}.`,
        hint: '`timeouts.cloud_init` gives it longer; running again continues here.',
        details: { vmid },
      });
    }
    await pause(next, signal);
  }
  throw new TypeError('the pauses ended');
};
