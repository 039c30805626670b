import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRedactor } from './redactor.js';
import { resolveSecrets, writtenSecrets } from './resolve-secrets.js';
import { createSecretResolver, splitCommand } from './secret-resolver.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'secrets-'));
  writeFileSync(join(directory, 'key.txt'), 'from a file\n');
  writeFileSync(join(directory, 'empty.txt'), '\n');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const make = () => {
  const redactor = createRedactor();
  return {
    redactor,
    resolver: createSecretResolver({
      redactor,
      directory,
      environment: { TOKEN: 'from the environment', PATH: process.env.PATH },
      timeoutMs: 5000,
    }),
  };
};

describe('secrets', () => {
  test('are read from the environment, files and commands, and hidden from then on', async () => {
    const { redactor, resolver } = make();
    const command = `cmd:"${process.execPath}" -e "process.stdout.write('from a ' + process.argv[1] + '\\n\\n')" 'two words'`;
    const value = await resolveSecrets(
      { a: { $secret: 'env:TOKEN' }, list: [{ $secret: 'file:key.txt' }, 1, null], c: { $secret: command } },
      resolver,
    );
    expect(value).toEqual({
      a: 'from the environment',
      list: ['from a file', 1, null],
      c: 'from a two words\n',
    });
    expect(redactor.redact('from the environment / from a file')).not.toMatch(/environment|file/);
  });

  test.each([
    ['env:NONE', 'the environment variable NONE is not set'],
    ['file:none.txt', 'cannot be read'],
    ['file:empty.txt', 'is empty'],
    ['cmd:no-such-program-here', 'was not found'],
    [`cmd:${process.execPath} -e "console.log('hush');process.exit(3)"`, 'ended with exit code 3'],
    ['vault:x', 'it names no known place'],
    ['cmd: ', 'it names no program'],
  ])('that cannot be read are named, never shown: %s', async (reference, message) => {
    const failure = await resolveSecrets({ $secret: reference }, make().resolver).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'PHOENIX_SECRET',
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
    expect(JSON.stringify(failure)).not.toContain('hush\\n');
  });

  test('written in the configuration are found for the redactor', () => {
    expect(
      writtenSecrets({
        guests: [{ user: { password: 'clear', name: 'x' } }, { user: { password: { $secret: 'env:X' } } }],
      }),
    ).toEqual(['clear']);
  });
});

test.each([
  ['pass show db/root', ['pass', 'show', 'db/root']],
  ['a "b c" \'d "e\' f\\ g ""', ['a', 'b c', 'd "e', 'f g', '']],
  ['  ', []],
])('the words of %j are %j', (line, words) => {
  expect(splitCommand(line)).toEqual(words);
});
