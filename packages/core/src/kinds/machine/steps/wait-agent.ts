import { agentPing } from '@phoenix/proxmox-client';
import { growingPauses, pause } from '../../../apply/pause.js';
import type { Step } from '../../../apply/step-context.js';
import { errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { requireGuest } from '../../guest-step.js';

const reasons: Readonly<Record<string, string>> = {
  PVE_AGENT_NOT_RUNNING: 'not answering yet (the guest boots, or installs the agent)',
  PVE_NODE_OFFLINE: 'the node does not answer',
  PVE_OUTCOME_UNKNOWN: 'the node does not answer',
  PVE_UNREACHABLE: 'the endpoint does not answer',
  PVE_TIMEOUT: 'the node takes long to answer',
  PVE_LOCK_TIMEOUT: 'another operation holds the lock of the guest',
};

/**
 * Waits until the guest agent answers.
 * @throws {PhoenixError} `PHOENIX_AGENT_TIMEOUT` after `timeouts.agent` (default 5 minutes), `PHOENIX_AGENT_OFF` where the machine has no agent device
 */
export const waitAgent: Step = async (context) => {
  const { client, vmid, guestName, report, signal, limits, declaredGuest } = context;
  const guest = await requireGuest(context);
  const timeoutMs = declaredGuest?.timeouts.agentMs ?? 300_000;
  const deadline = performance.now() + timeoutMs;
  const started = performance.now();
  let waited = false;
  let stopped = 0;
  for (const next of growingPauses(250, 2000)) {
    try {
      // A refused ping keeps one of the node's three workers busy for three seconds.
      await limits.run([`agent:${guest.node}`], () =>
        agentPing(client, { node: guest.node, vmid }, { signal }),
      );
      return { outcome: waited ? 'ok' : 'unchanged' };
    } catch (error) {
      signal.throwIfAborted();
      const code = errorCode(error);
      if (code === 'PVE_AGENT_NOT_CONFIGURED') {
        throw new PhoenixError({
          code: 'PHOENIX_AGENT_OFF',
          message: `Machine ${vmid} (${guestName}) runs without a guest agent device.`,
          hint: `The device comes with a cold start: \`phoenix restart ${vmid}\`, then run again.`,
          cause: error,
          details: { vmid },
        });
      }
      if (code === 'PVE_NOT_RUNNING') {
        stopped += 1;
        if (stopped > 3 && (await requireGuest(context)).status !== 'running') {
          throw new PhoenixError({
            code: 'PHOENIX_GUEST_STOPPED',
            message: `Machine ${vmid} (${guestName}) stopped while Phoenix waited for its guest agent.`,
            hint: 'Look at its console: a guest that powers off at boot often has no boot disk or too little memory.',
            cause: error,
            details: { vmid },
          });
        }
      } else if (reasons[code] === undefined) throw error;
      const reason = reasons[code] ?? 'the machine is not running yet';
      const seconds = Math.round((performance.now() - started) / 1000);
      report.progress(
        `waiting for the guest agent: ${reason}${seconds >= 60 ? `, for ${seconds} s now` : ''}`,
      );
      waited = true;
    }
    if (performance.now() > deadline) {
      throw new PhoenixError({
        code: 'PHOENIX_AGENT_TIMEOUT',
        message: `The guest agent of machine ${vmid} (${guestName}) did not answer within ${Math.round(timeoutMs / 1000)} s.`,
        hint: 'Look at the console of the guest: is qemu-guest-agent installed and started, does the guest reach its package mirror? `timeouts.agent` gives it longer; running again continues here.',
        details: { vmid },
      });
    }
    await pause(next, signal);
  }
  throw new TypeError('the pauses ended');
};
