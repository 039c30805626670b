import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { GuestShell } from '../../src/index.js';

const message = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('command'),
    id: z.number(),
    argv: z.array(z.string()),
    stdin: z.instanceof(Uint8Array).optional(),
    timeoutMs: z.number().optional(),
  }),
  z.object({ kind: z.literal('event'), event: z.looseObject({ kind: z.string() }) }),
]);
type Event = Extract<z.infer<typeof message>, { kind: 'event' }>['event'];

/**
 * Runs the feature `sleeper` in a guest from a process of its own. As soon as an event meets `killAt` the process is
 * killed (SIGKILL). Yields how it ended and what it told.
 */
export function runSleeper(
  shell: GuestShell,
  killAt: (event: Event) => boolean = () => false,
): Promise<{ readonly end: number | NodeJS.Signals | null; readonly events: readonly Event[] }> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./orchestrator-process.mjs', import.meta.url)), {
    serialization: 'advanced',
  });
  const events: Event[] = [];
  return new Promise((resolve, reject) => {
    child.on('message', (raw) => {
      const parsed = message.parse(raw);
      if (parsed.kind === 'event') {
        events.push(parsed.event);
        if (killAt(parsed.event)) child.kill('SIGKILL');
        return;
      }
      const { id, argv, stdin, timeoutMs } = parsed;
      shell
        .run({
          argv,
          ...(stdin === undefined ? {} : { stdin }),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        })
        .then((result) => {
          // Nobody takes the answer of a process that is gone; the guest had the command all the same.
          if (child.connected) child.send({ id, result });
        }, reject);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ end: signal ?? code, events }));
  });
}
