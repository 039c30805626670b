import { pause } from '../../../apply/pause.js';
import { describeError, errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { requireGuest } from '../../guest-step.js';
import { containerStep } from '../container-step.js';

const defaultTimeoutMs = 120_000;

/**
 * Waits until a shell answers in the container's terminal.
 * @throws {PhoenixError} `PHOENIX_AGENT_TIMEOUT` with the last obstacle
 */
export const waitShell = containerStep(async (context) => {
  const { declared, report, signal, vmid } = context;
  const guest = await requireGuest(context);
  const shell = context.openShell(guest);
  const timeoutMs = declared.timeouts.agentMs ?? defaultTimeoutMs;
  const started = performance.now();
  for (;;) {
    try {
      await shell.run({ argv: ['true'], timeoutMs: 20_000 });
      return { outcome: 'ok' };
    } catch (error) {
      if (errorCode(error) !== 'GUEST_UNREACHABLE') throw error;
      const waitedMs = performance.now() - started;
      const { message } = describeError(error);
      if (waitedMs >= timeoutMs) {
        throw new PhoenixError({
          code: 'PHOENIX_AGENT_TIMEOUT',
          message: `No shell answered in container ${vmid} (${declared.name}) within ${Math.round(timeoutMs / 1000)} s: ${message}`,
          hint: '`cmode: shell` must have been in effect when the container started: `phoenix restart` it once if it was set later.',
          cause: error,
          details: { vmid },
        });
      }
      report.progress(message);
      await pause(1000, signal);
    }
  }
});
