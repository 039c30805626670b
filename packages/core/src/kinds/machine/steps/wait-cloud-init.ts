import type { GuestShell } from '@phoenix/features';
import { growingPauses, pause } from '../../../apply/pause.js';
import type { Step } from '../../../apply/step-context.js';
import { errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { requireGuest } from '../../guest-step.js';
import { askCloudInit, type CloudInitState } from '../ask-cloud-init.js';

const text = new TextDecoder();

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
 * @throws {PhoenixError} `PHOENIX_CLOUD_INIT_FAILED` with the end of its log, `PHOENIX_CLOUD_INIT_TIMEOUT` after `timeouts.cloud_init` (default 10 minutes),
 * `PHOENIX_GUEST_STOPPED` for a machine that is off meanwhile
 */
export const waitCloudInit: Step = async (context) => {
  const { vmid, guestName, report, signal, limits, declaredGuest } = context;
  const guest = await requireGuest(context);
  const shell = context.openShell(guest);
  const timeoutMs = declaredGuest?.timeouts.cloudInitMs ?? 600_000;
  const deadline = performance.now() + timeoutMs;
  let waited = false;
  let questions = 0;
  for (const next of growingPauses(250, 500)) {
    let answer: CloudInitState;
    try {
      answer = await limits.run([`agent:${guest.node}`], () => askCloudInit(shell, questions));
      questions += 1;
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
