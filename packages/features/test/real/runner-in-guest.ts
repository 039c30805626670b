import { describe, expect, it } from 'vitest';
import { scriptFeature } from '../script-feature.js';
import { runSleeper } from './orchestrator-process.js';
import { linesOf, type RealWorld } from './real-world.js';

/** What the runner promises, seen on a real guest. */
export function testRunner(world: () => RealWorld): void {
  describe('the runner', () => {
    it('costs a feature with nothing to do two agent commands', async () => {
      const { run, counts, out } = world();
      const feature = scriptFeature({
        'check.sh': '[ -f /root/made ]',
        'apply.sh': 'echo run >>/root/made; id -un',
      });
      const first = await run([feature]);
      expect(first.error).toBeUndefined();
      expect(linesOf(first.events)).toEqual(['root']);
      const before = { ...counts };
      const times: Record<'floor' | 'noop', number[]> = { floor: [], noop: [] };
      for (let round = 0; round < 5; round += 1) {
        times.floor.push(await timed(() => out('true')));
        times.noop.push(await timed(() => run([feature])));
      }
      expect(counts.commands - before.commands).toBe(5 + 5 * 2);
      expect(await out('cat /root/made')).toBe('run\n');
      const [floor = 0, noop = 0] = [median(times.floor), median(times.noop)];
      console.log(
        `a feature with nothing to do: 2 agent commands, ${Math.round(noop)} ms; ` +
          `\`sh -c true\` through the agent: ${Math.round(floor)} ms; ratio ${(noop / floor).toFixed(2)}`,
      );
    });

    it('finds the script of a killed orchestrator again: a minute of work is done once, its output is whole', async () => {
      const { shell, out } = world();
      const killed = await runSleeper(shell, ({ kind, line }) => kind === 'output' && line === 'second 15');
      expect(killed.end).toBe('SIGKILL');
      expect(await out('cat /root/slept')).toBe('begun\n');
      const again = await runSleeper(shell);
      expect(again.end).toBe(0);
      expect(
        again.events.find(({ kind, step }) => kind === 'step-started' && step === 'apply'),
      ).toMatchObject({
        reattached: true,
      });
      expect(again.events.flatMap(({ kind, line }) => (kind === 'output' ? [line] : []))).toEqual(
        Array.from({ length: 60 }, (_, index) => `second ${index + 1}`),
      );
      expect(again.events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'applied' });
      expect(await out('cat /root/slept')).toBe('begun\nended\n');
      expect((await runSleeper(shell)).events.at(-1)).toMatchObject({ outcome: 'unchanged' });
    });

    it('loses nothing when the guest agent is restarted: the script runs once, its output is whole', async () => {
      const feature = scriptFeature(
        {
          'apply.sh':
            'echo one; systemctl restart qemu-guest-agent; sleep 3; echo two; echo run >>/root/survived',
        },
        { name: 'survivor' },
      );
      const { events, error } = await world().run([feature]);
      expect(error).toBeUndefined();
      expect(linesOf(events)).toEqual(['one', 'two']);
      expect(await world().out('cat /root/survived')).toBe('run\n');
    });

    it('kills a script that never ends, with all that it started', async () => {
      const feature = scriptFeature(
        { 'apply.sh': 'echo begin; sleep 7777 & setsid sleep 7777 & wait' },
        { name: 'endless', apply: { script: 'apply.sh', timeoutMs: 5_000 } },
      );
      const { error } = await world().run([feature]);
      expect(error).toMatchObject({ code: 'FEATURES_STEP_TIMEOUT', lastLines: ['begin'] });
      expect((await world().out('pgrep -fc "[s]leep 7777" || true')).trim()).toBe('0');
    });

    it('keeps a secret off command lines, out of the journal and out of what stays in the guest', async () => {
      const feature = scriptFeature(
        {
          'apply.sh':
            'set -x; echo "it is $PHOENIX_OPTION_WORD"; grep -la "$PHOENIX_OPTION_WORD" /proc/[0-9]*/cmdline; true',
        },
        { name: 'discreet' },
        { word: { $secret: 'env:WORD' } },
      );
      const secret = 'correct-horse-battery-staple';
      const { events, error } = await world().run([feature], { resolveSecret: () => secret });
      expect(error).toBeUndefined();
      expect(linesOf(events)).toContain('it is ***');
      expect(JSON.stringify(events)).not.toContain(secret);
      // Only the grep that looks for it carries it.
      expect(linesOf(events).filter((line) => line.startsWith('/proc/')).length).toBeLessThanOrEqual(1);
      const { shell } = world();
      const search = await shell.run({
        argv: [
          '/bin/sh',
          '-c',
          'read -r word; grep -rlF "$word" /var/lib/phoenix; journalctl -q | grep -cF "$word"',
        ],
        stdin: Buffer.from(`${secret}\n`),
      });
      expect(Buffer.from(search.stdout).toString()).toBe('0\n');
    });

    it('tells that the disk is full, and a re-run repairs the guest', async () => {
      const { run, out } = world();
      await out(
        "fallocate -l $(($(df -Pk /var/lib | awk 'NR == 2 { print $4 }') - 65536))K /var/lib/nearly-all",
      );
      const filling = scriptFeature(
        { 'apply.sh': 'cat /dev/zero >/var/lib/phoenix/zeros' },
        { name: 'filler' },
      );
      expect((await run([filling])).error).toMatchObject({ code: 'FEATURES_GUEST_DISK_FULL' });
      const next = scriptFeature({ 'apply.sh': 'true', big: new Uint8Array(100_000) }, { name: 'next' });
      expect((await run([next])).error).toMatchObject({ code: 'FEATURES_GUEST_DISK_FULL' });
      await out('rm /var/lib/phoenix/zeros /var/lib/nearly-all');
      expect((await run([next])).error).toBeUndefined();
      expect((await run([scriptFeature({ 'apply.sh': 'true' }, { name: 'filler' })])).error).toBeUndefined();
    });

    it('starts a script again that a reset took away, and restarts the guest when a script asks for it', async () => {
      const feature = scriptFeature(
        {
          'apply.sh': `echo "run $(cat /root/runs 2>/dev/null | wc -l), reboots $PHOENIX_REBOOTS"
            echo run >>/root/runs
            sync
            case $(wc -l </root/runs) in
              1) echo 1 >/proc/sys/kernel/sysrq; echo b >/proc/sysrq-trigger; sleep 60 ;;
              2) exit 194 ;;
            esac`,
        },
        { name: 'restarter' },
      );
      const { events, error } = await world().run([feature]);
      expect(error).toBeUndefined();
      expect(events.some(({ kind }) => kind === 'step-lost')).toBe(true);
      expect(events.some(({ kind }) => kind === 'guest-rebooted')).toBe(true);
      expect(linesOf(events).slice(-2)).toEqual(['run 1, reboots 0', 'run 2, reboots 1']);
      expect(await world().out('wc -l </root/runs')).toBe('3\n');
    });
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
