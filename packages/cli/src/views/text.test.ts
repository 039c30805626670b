import { describe, expect, it } from 'vitest';
import { formatDuration } from './format-duration.js';
import { wantsColour } from './palette.js';
import { padColumns, stripControls, textWidth, truncate } from './text-width.js';

describe('formatDuration', () => {
  it.each([
    [0, '0.0 s'],
    [1_234, '1.2 s'],
    [9_960, '10 s'],
    [65_000, '1 min 05 s'],
    [3_660_000, '1 h 01 min'],
    [200_000_000, '2 d 7 h'],
  ])('%d ms is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});

describe('text on a terminal', () => {
  it('counts columns, not characters', () => {
    expect(textWidth('\u001b[31mrot\u001b[39m')).toBe(3);
    expect(textWidth('日本')).toBe(4);
    expect(textWidth('e\u0301')).toBe(1);
    expect(padColumns('日', 4)).toBe('日  ');
  });

  it('is cut with an ellipsis within its columns', () => {
    expect(truncate('waiting', 7)).toBe('waiting');
    expect(truncate('waiting', 5)).toBe('wait…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('waiting', 0)).toBe('');
  });

  it('loses escape sequences and control characters', () => {
    expect(stripControls('\u001b]0;title\u0007a\u001b[31mb\u001b[0m\r\tc\u0000')).toBe('ab    c');
  });
});

describe('wantsColour', () => {
  const terminal = { isTerminal: true };
  const pipe = { isTerminal: false };
  it.each([
    [{ env: {}, output: terminal }, true],
    [{ env: {}, output: pipe }, false],
    [{ env: { NO_COLOR: '1' }, output: terminal }, false],
    [{ env: { NO_COLOR: '' }, output: terminal }, true],
    [{ env: { TERM: 'dumb' }, output: terminal }, false],
    [{ env: { FORCE_COLOR: '1' }, output: pipe }, true],
    [{ env: { FORCE_COLOR: '0' }, output: terminal }, false],
    [{ env: { FORCE_COLOR: '1' }, option: false, output: terminal }, false],
  ])('%j → %s', (wish, expected) => expect(wantsColour(wish)).toBe(expected));
});
