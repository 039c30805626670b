import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FeatureEvent, type RunFeaturesOptions, runFeatures } from '../src/index.js';
import { createLocalGuest, type LocalGuest } from './local-guest.js';
import { collect, scriptFeature } from './script-feature.js';

// Each run is a handful of real processes: a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

let guest: LocalGuest;
beforeEach(() => {
  guest = createLocalGuest();
});
afterEach(() => guest.close());

const impatient = { now: () => Date.now(), sleep: async () => undefined };
type Run = Omit<RunFeaturesOptions, 'shell' | 'root'>;
const start = (options: Run) =>
  runFeatures({ shell: guest.shell, root: guest.root, clock: impatient, ...options });
const run = (options: Run) => collect(start(options));
const lines = (events: readonly FeatureEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'output' ? [event.line] : []));
const of = <Kind extends FeatureEvent['kind']>(events: readonly FeatureEvent[], kind: Kind) =>
  events.filter((event): event is Extract<FeatureEvent, { kind: Kind }> => event.kind === kind);

/** A script that says one line and goes on only when the test makes the file `go`. */
const patientScripts = (): Record<string, string> => ({
  'check.sh': `[ -f ${guest.root}/made ]`,
  'apply.sh': `echo one\nuntil [ -f ${guest.root}/go ]; do sleep 0.05; done\necho two\necho run >>${guest.root}/made\n`,
  'verify.sh': `[ -f ${guest.root}/made ]`,
});
const letGo = (): void => writeFileSync(`${guest.root}/go`, '');
const quickScripts = (): Record<string, string> => ({
  'check.sh': `[ -f ${guest.root}/made ]`,
  'apply.sh': `echo one; echo run >>${guest.root}/made; exit 0`,
  'verify.sh': `[ -f ${guest.root}/made ]`,
});

describe('a running script', () => {
  it('is heard while it runs', async () => {
    const seen: string[] = [];
    for await (const event of start({ features: [scriptFeature(patientScripts())] })) {
      if (event.kind !== 'output') continue;
      seen.push(event.line);
      if (event.line === 'one') letGo();
    }
    expect(seen).toEqual(['one', 'two']);
  });

  it('is found again by the next run when the orchestrator is gone: it runs once, and its whole output is seen', async () => {
    const feature = scriptFeature(patientScripts());
    for await (const event of start({ features: [feature] })) if (event.kind === 'output') break;
    letGo();
    const { events, error } = await run({ features: [feature] });
    expect(error).toBeUndefined();
    expect(of(events, 'step-started').filter(({ step }) => step === 'apply')).toEqual([
      { kind: 'step-started', feature: 'sample', step: 'apply', reattached: true },
    ]);
    expect(lines(events)).toEqual(['one', 'two']);
    expect(guest.read('made')).toBe('run\n');
  });

  it('is followed by two orchestrators at once and runs once', async () => {
    const feature = scriptFeature(patientScripts());
    const both = [run({ features: [feature] }), run({ features: [feature] })];
    letGo();
    for (const { events, error } of await Promise.all(both)) {
      expect(error).toBeUndefined();
      expect(events.at(-1)).toMatchObject({ kind: 'feature-done' });
    }
    expect(guest.read('made')).toBe('run\n');
  });

  it('whose directory another run takes away while it is being started is started again', async () => {
    // A `cat` that does what the other run does, at the moment at which the environment is written.
    const programs = mkdtempSync(join(tmpdir(), 'phoenix-programs-'));
    const taken = join(programs, 'taken');
    writeFileSync(
      join(programs, 'cat'),
      `#!/bin/sh\nfor job in ${guest.root}/jobs/sample.check.*; do\n  [ ! -d "$job" ] || [ -e ${taken} ] || { : >${taken}; rm -rf "$job"; }\ndone\nexec /bin/cat "$@"\n`,
      { mode: 0o755 },
    );
    vi.stubEnv('PATH', `${programs}:${process.env.PATH}`);
    try {
      const { events, error } = await run({ features: [scriptFeature(quickScripts())] });
      expect(error).toBeUndefined();
      expect(events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'applied' });
      expect(existsSync(taken)).toBe(true);
      expect(guest.jobs()).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      rmSync(programs, { recursive: true, force: true });
    }
  });

  it('whose end another run took is not run again', async () => {
    const feature = scriptFeature(patientScripts());
    const slow: FeatureEvent[] = [];
    for await (const event of start({ features: [feature] })) {
      slow.push(event);
      if (event.kind !== 'output') continue;
      letGo();
      expect((await run({ features: [feature] })).error).toBeUndefined();
    }
    expect(slow.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'applied' });
    expect(guest.read('made')).toBe('run\n');
  });

  it('is waited for when the config changed meanwhile, before the new options are applied', async () => {
    for await (const event of start({ features: [scriptFeature(patientScripts(), {}, { a: 1 })] })) {
      if (event.kind === 'output') break;
    }
    // The earlier script ends only when it has been noticed.
    for await (const event of start({ features: [scriptFeature(patientScripts(), {}, { a: 2 })] })) {
      if (event.kind === 'remark' && event.message.includes('An earlier run still works on feature sample'))
        letGo();
    }
    expect(guest.read('made')).toBe('run\nrun\n');
  });

  it('that dies with its agent is started again', async () => {
    let killed = false;
    const events: FeatureEvent[] = [];
    for await (const event of start({ features: [scriptFeature(patientScripts())] })) {
      events.push(event);
      if (event.kind !== 'output' || event.line !== 'one') continue;
      if (killed) letGo();
      else guest.killJobs();
      killed = true;
    }
    expect(of(events, 'step-lost')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'applied' });
    expect(guest.read('made')).toBe('run\n');
  });

  it('that always vanishes ends the run after four times', async () => {
    const events: FeatureEvent[] = [];
    const failing = async (): Promise<void> => {
      for await (const event of start({ features: [scriptFeature(patientScripts())] })) {
        events.push(event);
        if (event.kind === 'output') guest.killJobs();
      }
    };
    await expect(failing()).rejects.toMatchObject({ code: 'FEATURES_STEP_LOST', feature: 'sample' });
    expect(of(events, 'step-lost')).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({
      kind: 'feature-failed',
      code: 'FEATURES_STEP_LOST',
      step: 'apply',
    });
  });

  it('that a reset took away before its start was answered is started again, and this is said', async () => {
    const feature = scriptFeature({
      'apply.sh': `[ -f ${guest.root}/once ] || { touch ${guest.root}/once; sleep 300; }; echo run >>${guest.root}/made`,
    });
    let starts = 0;
    guest.cut = (script) => {
      if (script !== 'start') return undefined;
      starts += 1;
      if (starts === 2) guest.reboot();
      return starts === 1 ? 'after' : undefined;
    };
    const { events, error } = await run({ features: [feature] });
    expect(error).toBeUndefined();
    expect(of(events, 'step-lost')).toMatchObject([
      { step: 'apply', message: expect.stringContaining('the guest was restarted') },
    ]);
    expect(guest.read('made')).toBe('run\n');
  });

  it('goes on in the guest when the run is aborted', async () => {
    const controller = new AbortController();
    const failing = async (): Promise<void> => {
      for await (const event of start({
        features: [scriptFeature(patientScripts())],
        signal: controller.signal,
      })) {
        if (event.kind === 'output') controller.abort();
      }
    };
    await expect(failing()).rejects.toMatchObject({ name: 'AbortError' });
    letGo();
    const { events } = await run({ features: [scriptFeature(patientScripts())] });
    expect(of(events, 'step-started').find(({ step }) => step === 'apply')?.reattached).toBe(true);
    expect(guest.read('made')).toBe('run\n');
  });
});

describe('a reboot', () => {
  const rebooting = (): Record<string, string> => ({
    'apply.sh': `echo "boot $PHOENIX_REBOOTS"; [ "$PHOENIX_REBOOTS" -ge 2 ] || exit 194; echo run >>${guest.root}/made`,
  });

  it('asked for by exit code 194 is made, and the script runs again', async () => {
    const { events, error } = await run({ features: [scriptFeature(rebooting())] });
    expect(error).toBeUndefined();
    expect(lines(events)).toEqual(['boot 0', 'boot 1', 'boot 2']);
    expect(of(events, 'reboot-requested').map(({ reboots }) => reboots)).toEqual([1, 2]);
    expect(of(events, 'guest-rebooted')).toHaveLength(2);
    expect(guest.jobs()).toEqual([]);
  });

  it('is not made twice when the orchestrator dies after it', async () => {
    const feature = scriptFeature(rebooting());
    for await (const event of start({ features: [feature] })) if (event.kind === 'guest-rebooted') break;
    const { events, error } = await run({ features: [feature] });
    expect(error).toBeUndefined();
    expect(of(events, 'guest-rebooted')).toHaveLength(1);
    expect(lines(events).at(-1)).toBe('boot 2');
    expect(guest.trips.filter((script) => script === 'reboot')).toHaveLength(2);
  });

  it('declared by the pack comes between apply and verify', async () => {
    const feature = scriptFeature(quickScripts(), { reboot: 'after-apply' });
    const { events } = await run({ features: [feature] });
    const order = events.flatMap((event) => (event.kind === 'step-started' ? [event.step] : []));
    expect(order).toEqual(['deliver', 'check', 'apply', 'reboot', 'verify']);
  });

  it('asked for again and again is refused', async () => {
    const { error } = await run({ features: [scriptFeature({ 'apply.sh': 'exit 194' })] });
    expect(error).toMatchObject({ code: 'FEATURES_REBOOT_LOOP' });
  });
});

describe('a cut', () => {
  const tripsOfRun = ['probe', 'deliver', 'start', 'start', 'start', 'finish'];

  it('is made at every trip of a full run by the tests below', async () => {
    await run({ features: [scriptFeature(quickScripts())] });
    expect(guest.trips.filter((script) => script !== 'poll')).toEqual(tripsOfRun);
  });

  for (const [index, script] of tripsOfRun.entries()) {
    for (const when of ['before', 'after'] as const) {
      it(`of the connection ${when} trip ${index} (${script}) is survived in the same run; the script runs once`, async () => {
        let cuts = 0;
        guest.cut = (_script, at) => {
          if (at !== index) return undefined;
          cuts += 1;
          return when;
        };
        const { events, error } = await run({ features: [scriptFeature(quickScripts())] });
        expect(error).toBeUndefined();
        expect(cuts).toBe(1);
        expect(of(events, 'guest-unreachable')).toHaveLength(1);
        expect(of(events, 'guest-reachable')).toHaveLength(1);
        expect(events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'applied' });
        expect(guest.read('made')).toBe('run\n');
      });

      it(`of the orchestrator ${when} trip ${index} (${script}) is repaired by the next run; the script runs once`, async () => {
        guest.cut = (_script, at) => (at >= index ? (at === index ? when : 'before') : undefined);
        const features = [scriptFeature(quickScripts())];
        const dead = await run({ features, patienceMs: 0 });
        expect(dead.error).toMatchObject({ code: 'FEATURES_GUEST_UNREACHABLE' });
        guest.cut = () => undefined;
        const { events, error } = await run({ features });
        expect(error).toBeUndefined();
        expect(events.at(-1)).toMatchObject({ kind: 'feature-done' });
        expect(guest.read('made')).toBe('run\n');
        expect(guest.jobs()).toEqual([]);
        guest.trips.length = 0;
        expect((await run({ features })).events.at(-1)).toMatchObject({ outcome: 'unchanged' });
        expect(guest.trips).toEqual(['probe', 'glance']);
      });
    }
  }

  it('that lasts longer than the patience ends the run with a sentence', async () => {
    guest.cut = () => 'before';
    const { events, error } = await run({ features: [scriptFeature(quickScripts())], patienceMs: 0 });
    expect(error).toMatchObject({
      code: 'FEATURES_GUEST_UNREACHABLE',
      message: 'a local guest did not answer for 0 s: the connection was refused',
    });
    expect(events.at(-1)).toMatchObject({ kind: 'feature-failed', step: 'probe' });
  });

  it('inside a large delivery costs only the chunk that was cut', async () => {
    const feature = scriptFeature({ 'apply.sh': 'cksum <big', big: new Uint8Array(200_000).fill(65) });
    guest.cut = (script, index) => (script === 'deliver' && index === 3 ? 'before' : undefined);
    const { events, error } = await run({ features: [feature], chunkBytes: 30_000 });
    expect(error).toBeUndefined();
    expect(guest.trips.filter((script) => script === 'deliver')).toHaveLength(7);
    expect(lines(events)).toEqual(['1700236320 200000']);
  });
});
