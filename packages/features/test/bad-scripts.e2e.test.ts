import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type FeatureEvent, type GuestShell, type RunFeaturesOptions, runFeatures } from '../src/index.js';
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
const run = (options: Run, shell: GuestShell = guest.shell) =>
  collect(runFeatures({ shell, root: guest.root, clock: impatient, ...options }));
const apply = (script: string | Uint8Array, options: Partial<Run> = {}) =>
  run({ features: [scriptFeature({ 'apply.sh': script })], ...options });
const lines = (events: readonly FeatureEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'output' ? [event.line] : []));
const remarks = (events: readonly FeatureEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'remark' ? [event.message] : []));

it('A script that fails is shown with step, exit code and last lines; its log stays; a re-run repairs the guest', async () => {
  const script = `echo "many words"; i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo "line $i"; done; [ -f ${guest.root}/mended ] || exit 7`;
  const { events, error } = await apply(script);
  expect(error).toMatchObject({
    code: 'FEATURES_STEP_FAILED',
    message: 'The apply script of feature sample ended with exit code 7; its last line: line 30',
    feature: 'sample',
    step: 'apply',
    exitCode: 7,
  });
  const failed = events.at(-1);
  expect(failed).toMatchObject({ kind: 'feature-failed', step: 'apply', exitCode: 7 });
  expect(failed?.kind === 'feature-failed' ? failed.lastLines : []).toHaveLength(20);
  expect(guest.read('logs/sample.log')).toContain('many words\nline 1\n');
  expect(guest.jobs()).toEqual([]);
  const again = await apply(script.replace('exit 7', 'true'));
  expect(again.error).toBeUndefined();
});

it('A verification that fails has its own code, and the next run applies again', async () => {
  const scripts = {
    'apply.sh': `echo run >>${guest.root}/made`,
    'verify.sh': 'echo nothing answers; exit 3',
  };
  const { error } = await run({ features: [scriptFeature(scripts)] });
  expect(error).toMatchObject({ code: 'FEATURES_VERIFY', exitCode: 3, lastLines: ['nothing answers'] });
  await run({ features: [scriptFeature(scripts)] });
  expect(guest.read('made')).toBe('run\nrun\n');
});

it('A check that cannot run is an error, not an answer', async () => {
  const scripts = { 'check.sh': 'no-such-command-at-all', 'apply.sh': `echo run >>${guest.root}/made` };
  const { error } = await run({ features: [scriptFeature(scripts)] });
  expect(error).toMatchObject({ code: 'FEATURES_STEP_FAILED', step: 'check', exitCode: 127 });
  expect(existsSync(`${guest.root}/made`)).toBe(false);
});

it('CRLF line ends are turned into LF, and this is said', async () => {
  const { events, error } = await apply('#!/bin/sh\r\nif true; then\r\n  echo fine\r\nfi\r\n');
  expect(error).toBeUndefined();
  expect(lines(events)).toEqual(['fine']);
  expect(remarks(events)).toEqual(['apply.sh has CRLF line ends; they were turned into LF']);
});

it('A script without a first line runs with /bin/sh, and needs no execute bit', async () => {
  const { events, error } = await apply('echo "$0"\n');
  expect(error).toBeUndefined();
  expect(lines(events)).toEqual(['./apply.sh']);
  expect(remarks(events)).toEqual(['apply.sh has no #! line; it runs with /bin/sh']);
});

it('The first line’s interpreter and its argument count', async () => {
  const { events } = await apply('#!/usr/bin/env bash\n[[ a == a ]] && echo "bash $BASH_VERSION"\n');
  expect(lines(events)[0]).toMatch(/^bash \d/);
  const strict = await apply('#!/bin/sh -e\nfalse\necho unreachable\n');
  expect(lines(strict.events)).toEqual([]);
  expect(strict.error).toMatchObject({ exitCode: 1 });
});

it('A guest without the interpreter is told apart from a script that fails', async () => {
  for (const [shebang, missing] of [
    ['#!/opt/none/fish', '/opt/none/fish'],
    ['#!/usr/bin/env no-such-shell', 'no-such-shell'],
  ]) {
    const { error } = await apply(`${shebang}\necho never\n`);
    expect(error).toMatchObject({
      code: 'FEATURES_GUEST_INTERPRETER',
      message: `apply.sh of feature sample wants ${missing}, which a local guest does not have.`,
    });
    expect(guest.jobs()).toEqual([]);
  }
});

it('Binary output, terminal colours and lines that overwrite themselves become readable lines', async () => {
  const { events, error } = await apply(
    `printf '\\000\\377\\376 bytes\\n\\033[1;31mred\\033[0m\\n10%%\\r50%%\\r100%%\\nlast without end'`,
  );
  expect(error).toBeUndefined();
  expect(lines(events)).toEqual(['\ufffd\ufffd bytes', 'red', '100%', 'last without end']);
});

it('A letter of several bytes that is cut by a chunk arrives whole', async () => {
  const { events } = await apply(`i=0; while [ $i -lt 30000 ]; do i=$((i+1)); printf 'ä€🦅'; done; echo`);
  expect(lines(events).join('')).toBe('ä€🦅'.repeat(30_000));
});

it('50 MB of output are not all carried: the end is seen, what was skipped is counted, and the run goes on', async () => {
  const { events, error } = await apply('yes "0123456789 and so on" | head -c 52428800; echo; echo the end');
  expect(error).toBeUndefined();
  expect(lines(events).at(-1)).toBe('the end');
  const skipped = events.reduce(
    (sum, event) => (event.kind === 'output-skipped' ? sum + event.bytes : sum),
    0,
  );
  expect(skipped).toBeGreaterThan(40_000_000);
});

it('A script that never ends is killed at its deadline with everything that it started', async () => {
  const feature = scriptFeature(
    {
      'apply.sh': `echo waiting\nsleep 300 & echo $! >${guest.root}/child\ntrap '' TERM\nwhile true; do sleep 1; done`,
    },
    { apply: { script: 'apply.sh', timeoutMs: 1_500 } },
  );
  const { events, error } = await run({ features: [feature] });
  expect(error).toMatchObject({
    code: 'FEATURES_STEP_TIMEOUT',
    message: expect.stringContaining(
      'The apply script of feature sample did not end within 1.5 s and was killed in a local guest',
    ),
  });
  expect(events.at(-1)).toMatchObject({ kind: 'feature-failed', code: 'FEATURES_STEP_TIMEOUT' });
  expect(existsSync(`/proc/${guest.read('child').trim()}`)).toBe(false);
  expect(guest.jobs()).toEqual([]);
});

it('A deadline that passed while nobody looked kills the script at the next look', async () => {
  const feature = scriptFeature(
    { 'apply.sh': 'echo waiting; sleep 300' },
    { apply: { script: 'apply.sh', timeoutMs: 1_000 } },
  );
  for await (const event of runFeatures({ shell: guest.shell, root: guest.root, features: [feature] })) {
    if (event.kind === 'output') break;
  }
  const { error } = await run({ features: [feature] });
  expect(error).toMatchObject({ code: 'FEATURES_STEP_TIMEOUT' });
});

it('A disk that is full is told, whether the script or the runner hits it', async () => {
  const byScript = await apply('printf data | cat >/dev/full');
  expect(byScript.error).toMatchObject({ code: 'FEATURES_GUEST_DISK_FULL', step: 'apply' });
  const full: GuestShell = {
    ...guest.shell,
    run: async (command) =>
      command.argv[3] === 'phoenix-deliver'
        ? {
            exitCode: 73,
            stdout: new Uint8Array(),
            stderr: Buffer.from(
              "mkdir: cannot create directory '/var/lib/phoenix/incoming': No space left on device\n",
            ),
            truncated: false,
          }
        : guest.shell.run(command),
  };
  const byRunner = await run({ features: [scriptFeature({ 'apply.sh': 'true' })] }, full);
  expect(byRunner.error).toMatchObject({ code: 'FEATURES_GUEST_DISK_FULL' });
  expect((await apply('echo data')).error).toBeUndefined();
});

it('Bytes that are damaged on the way are sent again, and refused when they stay damaged', async () => {
  let damaged = 0;
  const damaging = (times: number): GuestShell => ({
    ...guest.shell,
    run: async (command) => {
      if (command.argv[3] !== 'phoenix-deliver' || damaged >= times) return guest.shell.run(command);
      damaged += 1;
      return guest.shell.run({ ...command, stdin: Buffer.from('other bytes') });
    },
  });
  const features = [scriptFeature({ 'apply.sh': 'echo fine' })];
  expect((await run({ features }, damaging(2))).error).toBeUndefined();
  damaged = 0;
  const other = [scriptFeature({ 'apply.sh': 'echo other' })];
  expect((await run({ features: other }, damaging(99))).error).toMatchObject({
    code: 'FEATURES_GUEST_ANSWER',
    message: expect.stringContaining('arrive damaged'),
  });
});

it('A guest whose commands do not run as root, or that lacks a program, is told so before anything is done', async () => {
  const answering = (change: (text: string) => string): GuestShell => ({
    ...guest.shell,
    run: async (command) => {
      const result = await guest.shell.run(command);
      return { ...result, stdout: Buffer.from(change(Buffer.from(result.stdout).toString())) };
    },
  });
  const features = [scriptFeature({ 'apply.sh': 'true' })];
  const user = await run(
    { features },
    answering((text) => text.replace('user 0', 'user 1000')),
  );
  expect(user.error).toMatchObject({
    code: 'FEATURES_GUEST_PERMISSION',
    message: 'Commands in a local guest run as user id 1000; expected root (0).',
  });
  const tool = await run(
    { features },
    answering((text) => `lacks sha256sum\n${text}`),
  );
  expect(tool.error).toMatchObject({
    code: 'FEATURES_GUEST_INCOMPLETE',
    message: 'a local guest lacks sha256sum; features cannot run there.',
  });
  const other = await run(
    { features: [scriptFeature({ 'apply.sh': 'true' }, { platforms: ['debian'] })] },
    answering((text) => text.replace(/^os .*$/m, 'os alpine|3.20|')),
  );
  expect(other.error).toMatchObject({
    code: 'FEATURES_PLATFORM',
    message: 'Feature sample supports debian; a local guest runs alpine 3.20.',
  });
});

it('Options that only turn out wrong with the secret’s value fail before anything is started, without the value', async () => {
  const { z } = await import('../src/index.js');
  const feature = scriptFeature(
    { 'apply.sh': 'true' },
    { options: z.strictObject({ pin: z.string().regex(/^\d+$/) }) },
    { pin: { $secret: 'env:PIN' } },
  );
  const { error } = await run({ features: [feature], resolveSecret: () => 'not-a-number' });
  expect(error).toMatchObject({ code: 'FEATURES_OPTIONS' });
  expect(String(error)).not.toContain('not-a-number');
  const unresolved = await run({
    features: [feature],
    resolveSecret: () => {
      throw new Error('the variable PIN is not set');
    },
  });
  expect(unresolved.error).toMatchObject({
    code: 'FEATURES_SECRET',
    message:
      'Feature sample, option pin: the secret env:PIN could not be resolved: the variable PIN is not set',
  });
});

it('A template is rendered with options, and refused when it wants a secret', async () => {
  const scripts = {
    'apply.sh': 'cat site.conf',
    'site.conf.hbs': 'port {{options.port}} on {{platform.id}} "{{options.quoted}}"\n',
  };
  const { events } = await run({ features: [scriptFeature(scripts, {}, { port: 80, quoted: '<a&b>' })] });
  expect(lines(events)[0]).toMatch(/^port 80 on \w+ "<a&b>"$/);
  const secret = scriptFeature(scripts, {}, { port: { $secret: 'env:PORT' }, quoted: '' });
  const { error } = await run({ features: [secret], resolveSecret: () => 'hidden' });
  expect(error).toMatchObject({ code: 'FEATURES_TEMPLATE' });
});
