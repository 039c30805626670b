import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashPassword, isPasswordHash, saltFor } from './hash-password.js';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('hashPassword', () => {
  // The vectors of "Unix crypt using SHA-256 and SHA-512".
  test.each([
    [
      'Hello world!',
      'saltstring',
      undefined,
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    [
      'Hello world!',
      'saltstringsaltstring',
      10_000,
      '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
    ],
    [
      'This is just a test',
      'toolongsaltstring',
      undefined,
      '$6$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0',
    ],
    [
      'a very much longer text to encrypt.  This one even stretches over morethan one line.',
      'anotherlongsaltstring',
      1400,
      '$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
    ],
    [
      'we have a short salt string but not a short password',
      'short',
      77_777,
      '$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
    ],
    [
      'a short string',
      'asaltof16chars..',
      123_456,
      '$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJAstJeonj1',
    ],
    [
      'the minimum number is still observed',
      'roundstoolow',
      10,
      '$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.',
    ],
  ])('of %j is what crypt gives', (password, salt, rounds, expected) => {
    expect(hashPassword(password, salt, rounds)).toBe(expected);
  });

  test.runIf(hasOpenssl)('agrees with openssl for passwords of any length and language', () => {
    const password = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 90 })
      .filter((text) => !/[\0\r\n]/.test(text) && Buffer.byteLength(text) < 200);
    fc.assert(
      fc.property(password, fc.stringMatching(/^[./0-9A-Za-z]{1,16}$/), (secret, salt) => {
        const theirs = execFileSync('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], {
          input: secret,
          encoding: 'utf8',
        }).trim();
        expect(hashPassword(secret, salt)).toBe(theirs);
      }),
      { numRuns: 15 },
    );
  });
});

describe('saltFor', () => {
  test('is the same for the same identity, and another for another', () => {
    expect(saltFor('a')).toBe(saltFor('a'));
    expect(saltFor('a')).not.toBe(saltFor('b'));
    expect(saltFor('a')).toMatch(/^[./0-9A-Za-z]{16}$/);
  });
});

describe('isPasswordHash', () => {
  test.each([
    ['$6$saltstring$svn8', true],
    ['$y$j9T$abc$def', true],
    ['$2b$12$abcdefg', true],
    ['$ecret', false],
    ['plain', false],
    ['$6$', false],
  ])('of %j is %s', (text, expected) => {
    expect(isPasswordHash(text)).toBe(expected);
  });
});
