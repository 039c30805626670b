import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FeatureEvent, type RunFeaturesOptions, readReceipts, runFeatures } from '../src/index.js';
import { createLocalGuest, type LocalGuest } from './local-guest.js';
import { collect, scriptFeature } from './script-feature.js';

let guest: LocalGuest;
beforeEach(() => {
  guest = createLocalGuest();
});
afterEach(() => guest.close());

type Run = Omit<RunFeaturesOptions, 'shell' | 'root'>;
const run = (options: Run) => collect(runFeatures({ shell: guest.shell, root: guest.root, ...options }));
const lines = (events: readonly FeatureEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'output' ? [event.line] : []));
const kinds = (events: readonly FeatureEvent[]): string[] => events.map(({ kind }) => kind);

const marker = (file: string): Record<string, string> => ({
  'check.sh': `#!/bin/sh\n[ -f ${file} ]\n`,
  'apply.sh': `#!/bin/sh\necho applying\necho run >>${file}\n`,
  'verify.sh': `#!/bin/sh\ngrep -q run ${file}\n`,
  'remove.sh': `#!/bin/sh\nrm -f ${file}\n`,
});

it('checks, applies and verifies a feature, and leaves a receipt', async () => {
  const feature = scriptFeature(marker(`${guest.root}/made`));
  const { events, error } = await run({ features: [feature] });
  expect(error).toBeUndefined();
  expect(events.at(-1)).toEqual({ kind: 'feature-done', feature: 'sample', outcome: 'applied' });
  expect(lines(events)).toEqual(['applying']);
  const { receipts } = await readReceipts(guest.shell, { root: guest.root });
  expect(receipts.sample).toMatchObject({ version: '1.0.0', options: feature.optionsDigest });
  expect(guest.exists('jobs/sample.apply.x')).toBe(false);
});

it('needs two round trips to see that nothing is to be done', async () => {
  const feature = scriptFeature(marker(`${guest.root}/made`));
  await run({ features: [feature] });
  guest.trips.length = 0;
  const { events } = await run({ features: [feature] });
  expect(events.at(-1)).toMatchObject({ kind: 'feature-done', outcome: 'unchanged' });
  expect(guest.trips).toEqual(['probe', 'start']);
  expect(guest.read('made')).toBe('run\n');
  expect(kinds(events)).not.toContain('feature-planned');
});
