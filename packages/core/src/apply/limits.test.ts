import { expect, it } from 'vitest';
import { createLimits } from './limits.js';

function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

it('lets no more than its capacity hold a key, and serves who waited', async () => {
  const limits = createLimits((key) => (key === 'two' ? 2 : 1));
  const gates = [gate(), gate(), gate()];
  const started: number[] = [];
  const works = gates.map(({ opened }, index) =>
    limits.run(['two'], async () => {
      started.push(index);
      await opened;
    }),
  );
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  gates[0]?.open();
  await works[0];
  await Promise.resolve();
  expect(started).toEqual([0, 1, 2]);
  gates[1]?.open();
  gates[2]?.open();
  await Promise.all(works);
});

it('takes all keys or none, so that two works never wait for each other', async () => {
  const limits = createLimits(() => 1);
  const order: string[] = [];
  const first = gate();
  const one = limits.run(['a', 'b'], async () => {
    order.push('one');
    await first.opened;
  });
  const two = limits.run(['b', 'a'], async () => void order.push('two'));
  const three = limits.run(['c'], async () => void order.push('three'));
  await three;
  expect(order).toEqual(['one', 'three']);
  first.open();
  await Promise.all([one, two]);
  expect(order).toEqual(['one', 'three', 'two']);
});

it('gives a key back when the work fails', async () => {
  const limits = createLimits(() => 1);
  await expect(limits.run(['a'], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(limits.run(['a'], () => Promise.resolve(1))).resolves.toBe(1);
});
