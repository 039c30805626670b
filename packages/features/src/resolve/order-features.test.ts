import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type OrderedFeature, orderFeatures } from './order-features.js';

const feature = (name: string, requires: string[] = [], after: string[] = []): OrderedFeature => ({
  name,
  requires,
  after,
});

it('Features keep the declared order where nothing else is asked for', () => {
  expect(orderFeatures([feature('b'), feature('a')])).toEqual({ kind: 'ordered', names: ['b', 'a'] });
});

it('What is required or only preferred comes before; what is not there is no obstacle', () => {
  expect(
    orderFeatures([feature('app', ['db'], ['users', 'absent']), feature('users'), feature('db')]),
  ).toEqual({
    kind: 'ordered',
    names: ['db', 'users', 'app'],
  });
});

it('A circle is named the whole way round', () => {
  expect(
    orderFeatures([feature('x', ['a']), feature('a', ['b']), feature('b', [], ['c']), feature('c', ['a'])]),
  ).toEqual({
    kind: 'cycle',
    cycle: ['a', 'b', 'c', 'a'],
  });
});

it('Every order of features without a circle holds each name once, after all that it needs', () => {
  const graphs = fc
    .integer({ min: 1, max: 8 })
    .chain((size) =>
      fc.tuple(
        fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
        fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 16 }),
      ),
    );
  fc.assert(
    fc.property(graphs, ([order, edges]) => {
      const features = order.map((node) =>
        feature(
          `f${node}`,
          edges.flatMap(([a, b]) => (Math.max(a, b) === node && a !== b ? [`f${Math.min(a, b)}`] : [])),
        ),
      );
      const result = orderFeatures(features);
      if (result.kind !== 'ordered') throw new Error('there is no circle');
      expect([...result.names].sort()).toEqual(features.map(({ name }) => name).sort());
      for (const { name, requires } of features) {
        for (const earlier of requires)
          expect(result.names.indexOf(earlier)).toBeLessThan(result.names.indexOf(name));
      }
    }),
  );
});
