import type { Step } from '../../apply/step-context.js';
import { PhoenixError } from '../../errors/phoenix-error.js';
import { declaredStep, requireOurGuest } from '../guest-step.js';
import { recordStage } from './record.js';

const text = new TextDecoder();

/**
 * A step that removes what makes the guest itself, so that clones become their own. `script` runs as root in `/bin/sh` and ends with the line `sealed`.
 * The step throws `PHOENIX_SEAL_FAILED` with what the script said.
 */
export function createSeal(script: string): Step {
  return declaredStep(async (context) => {
    const { declared, vmid } = context;
    const guest = await requireOurGuest(context);
    if (guest.marker.stage === 'sealed') return { outcome: 'unchanged' };
    const shell = context.openShell(guest);
    const result = await shell.run({
      argv: ['/bin/sh', '-s'],
      stdin: new TextEncoder().encode(script),
      timeoutMs: 600_000,
    });
    const output = `${text.decode(result.stdout)}\n${text.decode(result.stderr)}`
      .split('\n')
      .filter((line) => line !== '');
    if (result.exitCode !== 0 || !output.includes('sealed')) {
      for (const line of output.slice(-20)) context.report.output(line);
      throw new PhoenixError({
        code: 'PHOENIX_SEAL_FAILED',
        message: `Sealing ${vmid} (${declared.name}) failed with exit code ${result.exitCode ?? `signal ${result.signalNumber}`}.`,
        hint: 'The guest still runs; look at the lines above, correct the cause in the guest and run again.',
        details: { vmid, output },
      });
    }
    await recordStage(context, 'sealed');
    return { outcome: 'ok' };
  });
}
