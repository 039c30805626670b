import { describe, expect, it } from 'vitest';
import { makeConfig } from '../../test/made-up.js';
import type { Marker } from '../observe/marker.js';
import { desiredStartup, desiredTags } from './desired-key.js';

function declared(keys: Readonly<Record<string, unknown>>) {
  const [guest] = makeConfig({ vms: [{ vmid: 100, name: 'shop', ...keys }] }).guests;
  if (guest === undefined) throw new Error('one guest is declared');
  return guest;
}
const marker = (applied: Marker['applied']): Marker => ({ v: 1, id: 100, stage: 'ready', applied });

describe('the start order', () => {
  it('keeps the time for shutting down, for which there is no key', () => {
    const startup = desiredStartup(declared({ boot_order: 2 }), 'order=1,down=60', undefined);
    expect(startup).toMatchObject({ value: 'order=2,down=60' });
    expect(startup?.remembered?.()).toBe('order=2');
    expect(startup?.same('order=2,down=60')).toBe(true);
    expect(startup?.same('2')).toBe(true);
    expect(startup?.same('order=1,down=60')).toBe(false);
  });

  it('loses what was declared and is no longer', () => {
    const startup = desiredStartup(
      declared({ boot_order: 2 }),
      'order=2,up=5,down=60',
      marker({ startup: 'order=2,up=5' }),
    );
    expect(startup?.value).toBe('order=2,down=60');
    expect(startup?.same('order=2,up=5,down=60')).toBe(false);
  });
});

describe('tags', () => {
  it('of a guest that is not claimed yet differ only by more than the tag of Phoenix', () => {
    const tags = desiredTags(declared({ tags: ['web'] }), 'theirs;web', undefined);
    expect(tags.value).toBe('phoenix;theirs;web');
    expect(tags.same('theirs;web')).toBe(true);
    expect(desiredTags(declared({}), undefined, undefined).same('')).toBe(true);
    expect(desiredTags(declared({ tags: ['db'] }), 'web', undefined).same('web')).toBe(false);
  });

  it('of a guest that is ours include it, and lose those that were declared and are no longer', () => {
    const tags = desiredTags(declared({}), 'phoenix;theirs;web', marker({ tags: 'web' }));
    expect(tags.value).toBe('phoenix;theirs');
    expect(tags.same('theirs')).toBe(false);
  });
});
