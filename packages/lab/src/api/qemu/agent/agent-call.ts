import { GuestAgentError, GuestAgentTimeout } from '../../../guests/guest-runtime.js';
import { errorText, failure, PveError } from '../../../http/pve-error.js';
import type { RequestContext } from '../../../http/route.js';
import type { JsonObject, JsonValue } from '../../../state/json.js';
import { guestOf, isRunning } from '../guest-access.js';

/** Commands that may take longer than the usual five seconds (QMPClient.pm). */
const timeouts: Readonly<Record<string, number>> = {
  'guest-fsfreeze-freeze': 3_600_000,
  'guest-fsfreeze-thaw': 180_000,
  'guest-fstrim': 600_000,
  'guest-shutdown': 600_000,
};

/**
 * Checks that the guest of a call has an agent that answers, with a ping of three seconds, as each of PVE's agent calls does.
 * @throws PveError 500 `No QEMU guest agent configured`, `VM 100 is not running`, `QEMU guest agent is not running`.
 */
export async function requireAgent(ctx: RequestContext): Promise<number> {
  const { lab } = ctx;
  const { vmid, config } = guestOf(ctx);
  if (config.main.agent === undefined) throw failure('No QEMU guest agent configured');
  if (!isRunning(lab, vmid)) throw failure(`VM ${vmid} is not running`);
  try {
    await lab.runtime.agent(vmid, { execute: 'guest-ping' }, { timeoutMs: 3000, signal: ctx.signal });
  } catch {
    throw failure('QEMU guest agent is not running');
  }
  return vmid;
}

/** Sends a command; errors of the agent are thrown as they are. @throws PveError 500 when it does not answer in time. */
export async function sendToAgent(
  ctx: RequestContext,
  vmid: number,
  execute: string,
  args?: JsonObject,
): Promise<JsonValue> {
  const command = { execute, ...(args && { arguments: args }) };
  try {
    return await ctx.lab.runtime.agent(vmid, command, {
      timeoutMs: timeouts[execute] ?? 5000,
      signal: ctx.signal,
    });
  } catch (error) {
    if (error instanceof GuestAgentTimeout)
      throw failure(`VM ${vmid} qga command '${execute}' failed - got timeout`);
    throw error;
  }
}

/** As {@link sendToAgent}, with errors of the agent as PVE's calls of their own kind raise them (`Agent error: …`). */
export async function callAgent(
  ctx: RequestContext,
  vmid: number,
  execute: string,
  args?: JsonObject,
): Promise<JsonValue> {
  try {
    return await sendToAgent(ctx, vmid, execute, args);
  } catch (error) {
    if (!(error instanceof GuestAgentError)) throw error;
    return agentFailure(ctx, errorText(error));
  }
}

/** PVE cannot print an error text with characters beyond Latin-1: its answer never comes, and the proxy gives up after five seconds. */
async function agentFailure(ctx: RequestContext, text: string): Promise<never> {
  if (![...text].some((char) => (char.codePointAt(0) ?? 0) > 0xff)) throw failure(`Agent error: ${text}`);
  await ctx.lab.clock.sleep(5000, ctx.signal);
  throw new PveError(596, 'Broken pipe', { plainBody: '' });
}
