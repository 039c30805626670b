import { agentPing } from '@phoenix/proxmox-client';
import { growingPauses, pause } from '../../../apply/pause.js';
import type { Step } from '../../../apply/step-context.js';
import { errorCode } from '../../../errors/describe-error.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { requireGuest } from '../../guest-step.js';
import { type ConsoleWatch, watchConsole } from '../watch-console.js';

/** A guest that answers within this time is not listened to: most do, and each terminal is a task on the node. */
const LISTEN_AFTER_MS = 10_000;
const CONSOLE_LINES = 20;
/** A ping that was refused after so long has been waiting in the guest's port; the next one follows soon. */
const LONG_PING_MS = 1000;
const SHORT_PAUSE_MS = 100;
/** The longest that a guest is not asked at all because others took as long. */
const LONGEST_BLIND_MS = 10_000;

const reasons: Readonly<Record<string, string>> = {
  PVE_AGENT_NOT_RUNNING: 'not answering yet (the guest boots, or installs the agent)',
  PVE_NODE_OFFLINE: 'the node does not answer',
  PVE_OUTCOME_UNKNOWN: 'the node does not answer',
  PVE_UNREACHABLE: 'the endpoint does not answer',
  PVE_TIMEOUT: 'the node takes long to answer',
  PVE_LOCK_TIMEOUT: 'another operation holds the lock of the guest',
};

function agentOff(vmid: number, guestName: string, cause?: unknown): PhoenixError {
  return new PhoenixError({
    code: 'PHOENIX_AGENT_OFF',
    message: `Machine ${vmid} (${guestName}) runs without a guest agent device.`,
    hint: `The device comes with a cold start: \`phoenix restart ${vmid}\`, then run again.`,
    cause,
    details: { vmid },
  });
}

/**
 * Waits until the guest agent answers. Once that takes longer than usual the serial console is listened to: its last line is part of what is reported, and
 * its last lines stand in the error.
 * @throws {PhoenixError} `PHOENIX_AGENT_TIMEOUT` after `timeouts.agent` (default 5 minutes), `PHOENIX_AGENT_OFF` where the machine has no agent device
 */
export const waitAgent: Step = async (context) => {
  const { client, vmid, guestName, report, signal, limits, declaredGuest, results } = context;
  const guest = await requireGuest(context);
  // A device that waits for a cold start never answers.
  if (guest.status === 'running' && guest.pending.agent !== undefined) throw agentOff(vmid, guestName);
  const timeoutMs = declaredGuest?.timeouts.agentMs ?? 300_000;
  const deadline = performance.now() + timeoutMs;
  const started = performance.now();
  let waited = false;
  let stopped = 0;
  let serial: ConsoleWatch | undefined;
  // Asking a guest that boots costs the node a worker for three seconds: those that take as long as others of the same origin are asked when they are due.
  // Only so far: those were perhaps slow for a reason of their own, and a first boot that installs the agent says nothing about a clone's.
  const origin = declaredGuest?.kind === 'machine' ? declaredGuest.cloneFrom?.vmid : undefined;
  const bootKey = `boot/${guest.node}/${origin ?? 'image'}`;
  const usual = Number(results.get(bootKey) ?? 0);
  const fresh = guest.status === 'running' && (guest.uptimeSeconds ?? 0) * 1000 < usual;
  if (fresh) {
    report.progress('waiting for the guest agent: the guest boots');
    await pause(Math.min(usual * 0.9, LONGEST_BLIND_MS), signal);
    waited = true;
  }
  try {
    for (const next of growingPauses(250, 1000)) {
      let asked = 0;
      let answeredAt = 0;
      try {
        // A refused ping keeps one of the node's three workers busy for three seconds.
        await limits.run([`agent:${guest.node}`], () => {
          asked = performance.now();
          return agentPing(client, { node: guest.node, vmid }, { signal });
        });
        const tookMs = performance.now() - started;
        if (waited && (usual === 0 || tookMs < usual)) results.set(bootKey, String(tookMs));
        return { outcome: waited ? 'ok' : 'unchanged' };
      } catch (error) {
        signal.throwIfAborted();
        answeredAt = performance.now();
        const code = errorCode(error);
        if (code === 'PVE_AGENT_NOT_CONFIGURED') {
          throw agentOff(vmid, guestName, error);
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
        const elapsedMs = performance.now() - started;
        if (elapsedMs > LISTEN_AFTER_MS) serial ??= watchConsole(client, { node: guest.node, vmid }, signal);
        const said = serial?.lines(1)[0]?.slice(0, 100);
        report.progress(
          [
            `waiting for the guest agent: ${reason}`,
            elapsedMs >= 30_000 ? `, for ${Math.round(elapsedMs / 1000)} s now` : '',
            said === undefined ? '' : `; its console says: ${said}`,
          ].join(''),
        );
        waited = true;
      }
      if (performance.now() > deadline) {
        const lines = (await serial?.finalLines(CONSOLE_LINES)) ?? [];
        throw new PhoenixError({
          code: 'PHOENIX_AGENT_TIMEOUT',
          message: `The guest agent of machine ${vmid} (${guestName}) did not answer within ${Math.round(timeoutMs / 1000)} s.`,
          hint: `${lines.length > 0 ? 'Its serial console’s last lines are shown' : 'Look at the console of the guest'}: is qemu-guest-agent installed and started, does the guest reach its package mirror? \`timeouts.agent\` gives it longer; running again continues here.`,
          details: { vmid, console: lines },
        });
      }
      // An agent that comes while a ping waits answers it; one that comes in a pause waits for the next.
      await pause(answeredAt - asked > LONG_PING_MS ? SHORT_PAUSE_MS : next, signal);
    }
  } finally {
    serial?.close();
  }
  throw new TypeError('the pauses ended');
};
