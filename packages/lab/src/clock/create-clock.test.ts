import { expect, test } from 'vitest';
import { createRealClock, createVirtualClock } from './create-clock.js';

test('a virtual clock jumps over sleeps and lets what is due on the way happen in order', async () => {
  const clock = createVirtualClock(0);
  const seen: string[] = [];
  clock.schedule(2000, () => seen.push('two'));
  clock.schedule(1000, () => seen.push('one'));
  clock.schedule(9000, () => seen.push('nine'));
  const begun = performance.now();
  await clock.sleep(5000);
  expect(seen).toEqual(['one', 'two']);
  expect(clock.now()).toBeGreaterThanOrEqual(5000);
  expect(performance.now() - begun).toBeLessThan(1000);
  clock.close();
});

test('schedules alone do not make it jump', async () => {
  const clock = createVirtualClock(0);
  let happened = false;
  clock.schedule(60_000, () => {
    happened = true;
  });
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(happened).toBe(false);
  await clock.advance(60_000);
  expect(happened).toBe(true);
  clock.close();
});

test('within tells whether the event came in time', async () => {
  const clock = createVirtualClock(0);
  const event = new Promise<void>((resolve) => clock.schedule(3000, () => resolve()));
  expect(await clock.within(1000, event)).toBe(false);
  expect(await clock.within(10_000, event)).toBe(true);
  expect(clock.now()).toBeLessThan(5000);
  clock.close();
});

test('an aborted sleep ends early', async () => {
  const clock = createRealClock();
  const over = new AbortController();
  const slept = clock.sleep(60_000, over.signal);
  over.abort();
  await slept;
  clock.close();
});

test('a patient clock jumps over a long wait only after real time without requests', async () => {
  const clock = createVirtualClock(0, { patienceMs: 60 });
  const begun = performance.now();
  const long = clock.sleep(60_000);
  await clock.sleep(3000);
  expect(performance.now() - begun).toBeLessThan(50);
  clock.noticeRequest();
  await long;
  expect(performance.now() - begun).toBeGreaterThan(55);
  expect(clock.now()).toBeGreaterThanOrEqual(60_000);
  clock.close();
});
