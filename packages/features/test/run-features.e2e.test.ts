import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FeatureEvent, type RunFeaturesOptions, readReceipts, runFeatures } from '../src/index.js';
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
const access = () => ({ shell: guest.shell, root: guest.root, clock: impatient });
const run = (options: Omit<RunFeaturesOptions, 'shell' | 'root'>) =>
  collect(runFeatures({ ...access(), ...options }));
const lines = (events: readonly FeatureEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'output' ? [event.line] : []));
const of = <Kind extends FeatureEvent['kind']>(events: readonly FeatureEvent[], kind: Kind) =>
  events.filter((event): event is Extract<FeatureEvent, { kind: Kind }> => event.kind === kind);

const marker = (file: string): Record<string, string> => ({
  'check.sh': `#!/bin/sh\n[ -f ${file} ]\n`,
  'apply.sh': `#!/bin/sh\necho applying\necho run >>${file}\n`,
  'verify.sh': `#!/bin/sh\ngrep -q run ${file}\n`,
  'remove.sh': `#!/bin/sh\nrm -f ${file}\n`,
});
const made = (): string => `${guest.root}/made`;

describe('a feature', () => {
  it('is checked, applied and verified, and leaves a receipt and no job', async () => {
    const feature = scriptFeature(marker(made()));
    const { events, error } = await run({ features: [feature] });
    expect(error).toBeUndefined();
    expect(events.at(-1)).toEqual({ kind: 'feature-done', feature: 'sample', outcome: 'applied' });
    expect(lines(events)).toEqual(['applying']);
    expect(of(events, 'feature-planned')).toEqual([
      { kind: 'feature-planned', feature: 'sample', reason: 'missing' },
    ]);
    const { receipts, unfinished } = await readReceipts(guest.shell, { root: guest.root });
    expect(receipts.sample).toMatchObject({ version: '1.0.0', options: feature.optionsDigest });
    expect(unfinished).toEqual([]);
  });

  it('costs two round trips when nothing is to be done', async () => {
    const feature = scriptFeature(marker(made()));
    await run({ features: [feature] });
    guest.trips.length = 0;
    const { events } = await run({ features: [feature] });
    expect(events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'unchanged' });
    expect(guest.trips).toEqual(['probe', 'glance']);
    expect(guest.read('made')).toBe('run\n');
  });

  it('costs two round trips beside nine others with nothing to do, and its check gets the same options', async () => {
    const nasty = `it's "$(id)" \`id\` PHOENIX_OPTIONS \\ äöü 🦅\n'`;
    const features = Array.from({ length: 10 }, (_, index) =>
      scriptFeature(
        {
          'check.sh': `#!/bin/sh\ncat >stdin; printf %s "$PHOENIX_OPTION_TEXT" >text; [ -f ${guest.root}/made-${index} ]`,
          'apply.sh': `echo run >>${guest.root}/made-${index}`,
        },
        { name: `sample-${index}` },
        { text: nasty },
      ),
    );
    await run({ features });
    for (const { name, bundle } of features)
      writeFileSync(`${guest.root}/packs/${name}/${bundle.digest}/text`, '');
    guest.trips.length = 0;
    const { events } = await run({ features });
    expect(of(events, 'feature-done').map(({ outcome }) => outcome)).toEqual(Array(10).fill('unchanged'));
    expect(guest.trips).toEqual(['probe', 'glance']);
    for (const { name, bundle } of features) {
      expect(guest.read(`packs/${name}/${bundle.digest}/text`)).toBe(nasty);
      expect(JSON.parse(guest.read(`packs/${name}/${bundle.digest}/stdin`))).toEqual({ text: nasty });
    }
    expect(guest.commandLines.join('\n')).not.toContain('äöü');
  });

  it('that drifted is mended, and those after it are looked at again: mending may have undone them', async () => {
    const feature = (name: string, more: string) =>
      scriptFeature(
        { 'check.sh': `[ -f ${guest.root}/${name} ]`, 'apply.sh': `touch ${guest.root}/${name}; ${more}` },
        { name },
      );
    const features = [
      feature('first', 'true'),
      feature('second', `rm -f ${guest.root}/third`),
      feature('third', 'true'),
    ];
    await run({ features });
    rmSync(`${guest.root}/second`);
    const { events } = await run({ features });
    expect(of(events, 'feature-done').map(({ feature: name, outcome }) => [name, outcome])).toEqual([
      ['first', 'unchanged'],
      ['second', 'applied'],
      ['third', 'applied'],
    ]);
    expect(existsSync(`${guest.root}/third`)).toBe(true);
  });

  it('whose check takes too long or cannot run is told so, also when it was applied before', async () => {
    const slow = (line: string) =>
      scriptFeature(
        {
          'check.sh': `[ ! -f ${guest.root}/made ] || ${line}; exit 1`,
          'apply.sh': `touch ${guest.root}/made`,
        },
        { check: { script: 'check.sh', timeoutMs: 1_000 } },
      );
    await run({ features: [slow('sleep 300')] });
    expect((await run({ features: [slow('sleep 300')] })).error).toMatchObject({
      code: 'FEATURES_STEP_TIMEOUT',
    });
    rmSync(`${guest.root}/made`);
    await run({ features: [slow('exit 126')] });
    expect((await run({ features: [slow('exit 126')] })).error).toMatchObject({
      code: 'FEATURES_STEP_FAILED',
      step: 'check',
      exitCode: 126,
    });
  });

  it('is applied again when its version, its options or its files change, and when its check finds drift', async () => {
    const scripts = marker(made());
    const reasonOf = async (feature: ReturnType<typeof scriptFeature>) => {
      const { events } = await run({ features: [feature] });
      return of(events, 'feature-planned')[0]?.reason;
    };
    expect(await reasonOf(scriptFeature(scripts))).toBe('missing');
    expect(await reasonOf(scriptFeature(scripts, { version: '1.0.1' }))).toBe('version-changed');
    expect(await reasonOf(scriptFeature(scripts, { version: '1.0.1' }, { a: 1 }))).toBe('options-changed');
    const changed = scriptFeature({ ...scripts, 'extra.txt': 'x' }, { version: '1.0.1' }, { a: 1 });
    expect(await reasonOf(changed)).toBe('files-changed');
    expect(await reasonOf(changed)).toBeUndefined();
    rmSync(made());
    expect(await reasonOf(changed)).toBe('drifted');
    expect(await reasonOf(changed)).toBeUndefined();
  });

  it('that is in place without a receipt is verified and adopted, not applied', async () => {
    writeFileSync(made(), 'run\n');
    const { events } = await run({ features: [scriptFeature(marker(made()))] });
    expect(events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'adopted' });
    expect(guest.read('made')).toBe('run\n');
    expect((await readReceipts(guest.shell, { root: guest.root })).receipts.sample).toBeDefined();
  });

  it('that looks in place without a receipt and does not verify is applied', async () => {
    writeFileSync(made(), 'something else\n');
    const { events, error } = await run({ features: [scriptFeature(marker(made()))] });
    expect(error).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'applied' });
  });

  it('without a check is trusted by its receipt: one round trip', async () => {
    const feature = scriptFeature({ 'apply.sh': `echo run >>${made()}` });
    await run({ features: [feature] });
    guest.trips.length = 0;
    await run({ features: [feature] });
    expect(guest.trips).toEqual(['probe']);
    expect(guest.read('made')).toBe('run\n');
  });

  it('whose receipt is damaged is checked again, and says so', async () => {
    const feature = scriptFeature(marker(made()));
    await run({ features: [feature] });
    writeFileSync(`${guest.root}/receipts/sample.json`, '{"v":1,\n"feat');
    const { events } = await run({ features: [feature] });
    expect(of(events, 'remark')[0]?.message).toContain('receipt of feature sample is damaged');
    expect(events.at(-1)).toMatchObject({ outcome: 'adopted' });
  });

  it('that left the config stays until removing is allowed, then its remove script runs from the guest’s copy', async () => {
    await run({ features: [scriptFeature(marker(made()))] });
    const kept = await run({ features: [] });
    expect(of(kept.events, 'remark')[0]?.message).toContain('not declared any more');
    expect(existsSync(made())).toBe(true);
    const { events, error } = await run({ features: [], remove: true });
    expect(error).toBeUndefined();
    expect(events.at(-1)).toEqual({ kind: 'feature-done', feature: 'sample', outcome: 'removed' });
    expect(existsSync(made())).toBe(false);
    expect((await readReceipts(guest.shell, { root: guest.root })).receipts).toEqual({});
  });

  it('that a clone has from its source is neither missed nor removed, and becomes its own by being declared', async () => {
    const feature = scriptFeature(marker(made()));
    await run({ features: [feature], guest: '8000' });
    const cloned = await run({ features: [], guest: '8001', remove: true });
    expect(of(cloned.events, 'remark')).toEqual([]);
    expect(existsSync(made())).toBe(true);
    const declared = await run({ features: [feature], guest: '8001' });
    expect(declared.events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'unchanged' });
    expect(guest.read('made')).toBe('run\n');
    expect((await readReceipts(guest.shell, { root: guest.root })).receipts.sample).toMatchObject({
      guest: '8001',
    });
    const left = await run({ features: [], guest: '8001' });
    expect(of(left.events, 'remark')[0]?.message).toContain('not declared any more');
  });
});

describe('options', () => {
  const nasty = `it's "$(touch ${'/tmp/phoenix-pwned'})" \`id\` ; rm -rf \\ \n\ttwo äöü 🦅`;

  it('arrive exactly, as JSON on stdin and in the environment, whatever signs they hold', async () => {
    const feature = scriptFeature(
      {
        'apply.sh': `#!/bin/sh\ncat >stdin\nprintf %s "$PHOENIX_OPTION_TEXT" >text\nprintf %s "$PHOENIX_OPTION_LIST" >list\nenv >env\npwd\n`,
      },
      {},
      { text: nasty, list: ['a', 'b c'], deep: [{ key: 'v' }], flag: false, none: null },
    );
    const { events, error } = await run({ features: [feature] });
    expect(error).toBeUndefined();
    const pack = (lines(events)[0] ?? '').slice(guest.root.length + 1);
    expect(JSON.parse(guest.read(`${pack}/stdin`))).toMatchObject({ text: nasty, list: ['a', 'b c'] });
    expect(guest.read(`${pack}/text`)).toBe(nasty);
    expect(guest.read(`${pack}/list`)).toBe('a\nb c');
    const env = guest.read(`${pack}/env`);
    expect(env).toContain('PHOENIX_OPTION_LIST_COUNT=2\n');
    expect(env).toContain('PHOENIX_OPTION_LIST_1=b c\n');
    expect(env).toContain('PHOENIX_OPTION_DEEP_0_KEY=v\n');
    expect(env).toContain('PHOENIX_OPTION_FLAG=false\n');
    expect(env).not.toContain('PHOENIX_OPTION_NONE');
    expect(env).toContain('HOME=/root\n');
    expect(existsSync('/tmp/phoenix-pwned')).toBe(false);
    expect(guest.commandLines.join('\n')).not.toContain('rm -rf \\');
  });

  it('of a megabyte arrive too', async () => {
    const big = 'x'.repeat(1_000_000);
    const feature = scriptFeature({ 'apply.sh': 'wc -c' }, {}, { big });
    const { events } = await run({ features: [feature] });
    expect(lines(events)).toEqual([String(JSON.stringify({ big }).length + 1)]);
  });

  it('that are secret show up neither on a command line, nor in an event, nor in anything that stays in the guest', async () => {
    const secret = 'correct horse\nbattery staple';
    const feature = scriptFeature(
      {
        'apply.sh':
          'set -x\necho "secret is $PHOENIX_OPTION_PASSWORD"\ncat\nps -ef | grep -c "[b]attery" || true\n',
      },
      {},
      { password: { $secret: 'env:PASS' } },
    );
    const options = { features: [feature], resolveSecret: () => secret };
    const { events, error } = await run(options);
    expect(error).toBeUndefined();
    expect(lines(events)).toContain('secret is ***');
    expect(lines(events)).toContain('{"password":"***"}');
    expect(lines(events)).toContain('0');
    for (const part of ['correct horse', 'battery staple']) {
      expect(JSON.stringify(events)).not.toContain(part);
      expect(guest.commandLines.join('\n')).not.toContain(part);
      expect(guest.grep(part)).toEqual([]);
    }
    expect(guest.read('logs/sample.log')).toContain('***');
    const again = await run(options);
    expect(of(again.events, 'feature-planned')[0]?.reason).toBeUndefined();
    const changed = await run({ ...options, resolveSecret: () => 'another one' });
    expect(of(changed.events, 'feature-planned')[0]?.reason).toBe('secrets-changed');
  });
});
