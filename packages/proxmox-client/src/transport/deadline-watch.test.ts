import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDeadlineWatch, type DeadlineWatch } from './deadline-watch.js';

let watch: DeadlineWatch;
let expired: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  watch = createDeadlineWatch();
  expired = [];
});

afterEach(() => {
  vi.useRealTimers();
});

function waitOf(name: string, ms: number) {
  return { expiresAt: performance.now() + ms, onExpired: () => expired.push(name) };
}

test('waits end in the order of their time, whatever the order in which they began', () => {
  watch.add(waitOf('last', 300));
  watch.add(waitOf('first', 100));
  watch.add(waitOf('second', 200));
  vi.advanceTimersByTime(99);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(expired).toEqual(['first']);
  vi.advanceTimersByTime(200);
  expect(expired).toEqual(['first', 'second', 'last']);
});

test('a wait that is over does not end again', () => {
  const over = waitOf('over', 100);
  watch.add(over);
  watch.add(waitOf('other', 200));
  watch.delete(over);
  vi.advanceTimersByTime(1_000);
  expect(expired).toEqual(['other']);
});

test('waits may leave in any order, and more than once', () => {
  const waits = ['first', 'second', 'third', 'fourth', 'fifth'].map((name, index) =>
    waitOf(name, 100 + index),
  );
  for (const wait of waits) watch.add(wait);
  for (const index of [1, 4, 1, 0]) watch.delete(waits[index] ?? waitOf('none', 0));
  watch.add(waitOf('sixth', 50));
  watch.delete(waitOf('never watched', 100));
  vi.advanceTimersByTime(1_000);
  expect(expired).toEqual(['sixth', 'third', 'fourth']);
});

test('a wait that another ends at its own end does not end too', () => {
  const other = waitOf('other', 100);
  watch.add({ expiresAt: performance.now() + 100, onExpired: () => watch.delete(other) });
  watch.add(other);
  vi.advanceTimersByTime(1_000);
  expect(expired).toEqual([]);
});

test('a wait may get more time while it is watched', () => {
  const upload = { ...waitOf('upload', 100) };
  watch.add(upload);
  vi.advanceTimersByTime(90);
  upload.expiresAt = performance.now() + 100;
  vi.advanceTimersByTime(99);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(expired).toEqual(['upload']);
});

test('what is begun when one ends is watched too', () => {
  watch.add({ expiresAt: performance.now() + 100, onExpired: () => watch.add(waitOf('next', 50)) });
  vi.advanceTimersByTime(150);
  expect(expired).toEqual(['next']);
});

test('any number of waits share one timer, and a limit beyond what timers can is kept', () => {
  for (let count = 0; count < 50; count++) watch.add(waitOf('many', 5_000));
  expect(vi.getTimerCount()).toBe(1);
  const month = 30 * 24 * 3_600_000;
  watch.add(waitOf('month', month));
  watch.add(waitOf('never', Number.POSITIVE_INFINITY));
  vi.advanceTimersByTime(month - 1);
  expect(expired.filter((name) => name !== 'many')).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(expired.at(-1)).toBe('month');
});
