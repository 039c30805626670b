import { PhoenixError } from '../../../errors/phoenix-error.js';
import { requireOurGuest } from '../../guest-step.js';
import { recordStage } from '../../steps/record.js';
import { createAgentShell } from '../agent-shell.js';
import { machineStep } from '../machine-step.js';
import { sealScript } from '../seal-script.js';

const text = new TextDecoder();

/**
 * Removes what makes the machine itself, so that clones become their own: cloud-init state, machine-id, host keys, logs.
 * @throws {PhoenixError} `PHOENIX_SEAL_FAILED` with what the script said
 */
export const seal = machineStep(async (context) => {
  const { client, declared, vmid, signal } = context;
  const guest = await requireOurGuest(context);
  if (guest.marker.stage === 'sealed') return { outcome: 'unchanged' };
  const shell = createAgentShell(client, { node: guest.node, vmid }, signal);
  const result = await shell.run({
    argv: ['/bin/sh', '-s'],
    stdin: new TextEncoder().encode(sealScript),
    timeoutMs: 600_000,
  });
  const output = `${text.decode(result.stdout)}\n${text.decode(result.stderr)}`
    .split('\n')
    .filter((line) => line !== '');
  if (result.exitCode !== 0 || !output.includes('sealed')) {
    for (const line of output.slice(-20)) context.report.output(line);
    throw new PhoenixError({
      code: 'PHOENIX_SEAL_FAILED',
      message: `Sealing machine ${vmid} (${declared.name}) failed with exit code ${result.exitCode ?? `signal ${result.signalNumber}`}.`,
      hint: 'The machine still runs; look at the lines above, correct the cause in the guest and run again.',
      details: { vmid, output },
    });
  }
  await recordStage(context, 'sealed');
  return { outcome: 'ok' };
});
