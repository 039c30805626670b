import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findByVmid } from './find-by-vmid.js';

describe('findByVmid', () => {
  it('finds what a search from the front finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(40)), fc.nat(40), (vmids, wanted) => {
        const ordered = vmids.sort((left, right) => left - right).map((vmid) => ({ vmid }));
        expect(findByVmid(ordered, wanted)).toBe(ordered.find(({ vmid }) => vmid === wanted));
      }),
    );
  });
});
