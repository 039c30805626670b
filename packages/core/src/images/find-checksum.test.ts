import { expect, it } from 'vitest';
import { findChecksum } from './find-checksum.js';

const sha = 'a1'.repeat(32);

it('reads both forms of checksum lists, and only the file asked for', () => {
  const list = `${'b2'.repeat(32)} *other.img\n${sha} *./dir/noble.img\n`;
  expect(findChecksum(list, 'noble.img', 'sha256')).toBe(sha);
  expect(findChecksum(`SHA256 (noble.img) = ${sha.toUpperCase()}`, 'noble.img', 'sha256')).toBe(sha);
  expect(findChecksum(list, 'noble.im', 'sha256')).toBeUndefined();
});

it('does not take a checksum of another length for one', () => {
  expect(findChecksum(`${sha}  noble.img`, 'noble.img', 'sha512')).toBeUndefined();
});
