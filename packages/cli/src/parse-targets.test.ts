import { describe, expect, it } from 'vitest';
import { parseTargets } from './parse-targets.js';

describe('parseTargets', () => {
  it('reads ids, lists and ranges, each once', () => {
    expect(parseTargets(['8001', '8000,8001', '8005-8007'], false)).toEqual([8001, 8000, 8005, 8006, 8007]);
  });

  it('reads --all', () => expect(parseTargets([], true)).toBe('all'));

  it.each([
    [[], false],
    [['8000'], true],
    [['docker-vm-01'], false],
    [['99'], false],
    [['8000.5'], false],
    [['8007-8005'], false],
    [['100-999999'], false],
    [['-1'], false],
  ])('refuses %j (all: %s)', (words, all) => {
    expect(() => parseTargets(words, all)).toThrow(
      expect.objectContaining({ code: 'CLI_USAGE', exit: 'usage' }),
    );
  });
});
