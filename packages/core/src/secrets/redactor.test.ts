import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor, REDACTED } from './redactor.js';

describe('a redactor', () => {
  test('takes a secret out wherever and however it is written', () => {
    const redactor = createRedactor(['s3cr"et pä$$']);
    const secret = 's3cr"et pä$$';
    for (const text of [
      secret,
      `x${secret}y${secret}`,
      encodeURIComponent(secret),
      JSON.stringify({ a: secret }),
      Buffer.from(secret).toString('base64'),
    ]) {
      expect(redactor.redact(text)).toContain(REDACTED);
      expect(redactor.redact(text)).not.toContain('s3cr');
    }
  });

  test('knows each line of a secret of several lines, and leaves short words alone', () => {
    const redactor = createRedactor(['first line\nsecond line', 'abc']);
    expect(redactor.redact('a second line, abc')).toBe(`a ${REDACTED}, abc`);
  });

  test('leaves no secret in plain data, errors and keys', () => {
    const redactor = createRedactor(['topsecret']);
    const error = new Error('failed with topsecret', { cause: new Error('topsecret') });
    const loop: Record<string, unknown> = { error, list: ['topsecret'], topsecret: 1, none: null };
    loop.self = loop;
    const shown = JSON.stringify(redactor.redactValue(loop));
    expect(shown).not.toContain('topsecret');
    expect(shown).toContain('failed with');
  });

  test('never shows any of many secrets', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc
            .string({ unit: 'grapheme', minLength: 4, maxLength: 12 })
            .filter((text) => text.trim().length >= 4 && !text.includes('\u2022')),
          { minLength: 1, maxLength: 5 },
        ),
        (secrets) => {
          const redactor = createRedactor(secrets);
          const text = redactor.redact(secrets.join(' and '));
          for (const secret of secrets) expect(text.includes(secret)).toBe(false);
        },
      ),
    );
  });
});
