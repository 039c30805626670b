import { createHash } from 'node:crypto';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DEFAULT_ROUNDS = 5000;

/** Whether a text is a crypt hash already (`$6$…`, `$y$…`, `$2b$…`). */
export function isPasswordHash(text: string): boolean {
  return /^\$(?:1|5|6|7|y|gy|2[abxy]|argon2id?)\$\S+$/.test(text);
}

/**
 * The SHA-512 crypt hash (`$6$`) of a password, as `crypt(3)` gives it; source: U. Drepper, "Unix crypt using SHA-256
 * and SHA-512". `salt` has up to 16 characters of `[./0-9A-Za-z]`; further ones are cut.
 * `rounds` is held within 1000 to 999 999 999 and written into the hash unless it is the default of 5000.
 */
export function hashPassword(password: string, salt: string, rounds = DEFAULT_ROUNDS): string {
  const key = Buffer.from(password, 'utf8');
  const saltText = salt.slice(0, 16);
  const seasoning = Buffer.from(saltText, 'utf8');
  const turns = Math.min(999_999_999, Math.max(1000, Math.trunc(rounds)));

  const alternate = sha512(key, seasoning, key);
  const first = createHash('sha512').update(key).update(seasoning).update(repeatTo(alternate, key.length));
  for (let bits = key.length; bits > 0; bits >>= 1) first.update((bits & 1) === 1 ? alternate : key);
  let digest: Buffer = first.digest();

  const keyHash = createHash('sha512');
  for (let count = 0; count < key.length; count += 1) keyHash.update(key);
  const keyBytes = repeatTo(keyHash.digest(), key.length);
  const saltHash = createHash('sha512');
  for (let count = 0; count < 16 + (digest[0] ?? 0); count += 1) saltHash.update(seasoning);
  const saltBytes = repeatTo(saltHash.digest(), seasoning.length);

  for (let turn = 0; turn < turns; turn += 1) {
    const odd = turn % 2 === 1;
    digest = sha512(
      odd ? keyBytes : digest,
      turn % 3 === 0 ? EMPTY : saltBytes,
      turn % 7 === 0 ? EMPTY : keyBytes,
      odd ? digest : keyBytes,
    );
  }
  const prefix = rounds === DEFAULT_ROUNDS ? '' : `rounds=${turns}$`;
  return `$6$${prefix}${saltText}$${encode(digest)}`;
}

/**
 * A salt that is always the same for the same identity, so that an unchanged seed stays unchanged. It must not be
 * drawn from the password: a salt that depended on it would let guesses be checked without the slow hash.
 */
export function saltFor(identity: string): string {
  const bytes = createHash('sha256').update(`phoenix password salt\0${identity}`).digest();
  return Array.from(bytes.subarray(0, 16), (byte) => ALPHABET[byte & 63]).join('');
}

const EMPTY = Buffer.alloc(0);

function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function repeatTo(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, length === 0 ? undefined : block);
}

/** Crypt's own base64: groups of three bytes, 21 apart and turning, the last byte alone. */
function encode(digest: Buffer): string {
  let text = '';
  const put = (high: number, middle: number, low: number, characters: number): void => {
    let bits = (high << 16) | (middle << 8) | low;
    for (let count = 0; count < characters; count += 1) {
      text += ALPHABET[bits & 63];
      bits >>>= 6;
    }
  };
  for (let index = 0; index < 21; index += 1) {
    const [a, b, c] = [digest[index] ?? 0, digest[index + 21] ?? 0, digest[index + 42] ?? 0];
    if (index % 3 === 0) put(a, b, c, 4);
    else if (index % 3 === 1) put(b, c, a, 4);
    else put(c, a, b, 4);
  }
  put(0, 0, digest[63] ?? 0, 2);
  return text;
}
