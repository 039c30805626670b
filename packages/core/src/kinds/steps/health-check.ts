import { pause } from '../../apply/pause.js';
import { errorCode } from '../../errors/describe-error.js';
import { PhoenixError } from '../../errors/phoenix-error.js';
import { declaredStep, requireGuest } from '../guest-step.js';

const text = new TextDecoder();

/**
 * Runs the declared health check in the guest until it succeeds.
 * @throws {PhoenixError} `PHOENIX_HEALTH_CHECK` with the last output after all attempts
 */
export const healthCheck = declaredStep(async (context) => {
  const { declared, report, signal, vmid } = context;
  const check = declared.healthCheck;
  if (check === undefined) return { outcome: 'unchanged' };
  const guest = await requireGuest(context);
  const shell = context.openShell(guest);
  const argv = typeof check.command === 'string' ? ['/bin/sh', '-c', check.command] : check.command;
  let last: readonly string[] = [];
  let failure = '';
  for (let attempt = 0; attempt <= check.retries; attempt += 1) {
    if (attempt > 0) {
      report.progress(
        `health check failed (${failure}); next attempt in ${Math.round(check.intervalMs / 1000)} s, ${check.retries - attempt + 1} left`,
      );
      await pause(check.intervalMs, signal);
    }
    try {
      const result = await shell.run({ argv, timeoutMs: check.timeoutMs });
      last = `${text.decode(result.stdout)}${text.decode(result.stderr)}`
        .split('\n')
        .filter((line) => line !== '')
        .slice(-20);
      if (result.exitCode === 0) return { outcome: 'ok' };
      failure =
        result.exitCode === undefined
          ? `killed by signal ${result.signalNumber}`
          : `exit code ${result.exitCode}`;
    } catch (error) {
      if (errorCode(error) !== 'GUEST_UNREACHABLE' && errorCode(error) !== 'PVE_TIMEOUT') throw error;
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  for (const line of last) report.output(line);
  throw new PhoenixError({
    code: 'PHOENIX_HEALTH_CHECK',
    message: `The health check of ${vmid} (${declared.name}) failed ${check.retries + 1} times, last with ${failure}.`,
    hint: 'Run its command in the guest by hand; the guest stays as it is, and running again repeats the check.',
    details: { vmid, output: last },
  });
});
