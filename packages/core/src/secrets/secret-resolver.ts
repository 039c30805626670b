import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { SecretReference } from '../config/model.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { Redactor } from './redactor.js';

export interface SecretResolverOptions {
  /** Every value that is read is added here before anybody sees it. */
  readonly redactor: Redactor;
  /** Where relative paths begin, and where commands run; the configuration's directory. */
  readonly directory: string;
  /** Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** For a command; default 30 000. */
  readonly timeoutMs?: number;
}

/** Reads secrets where references point to; each reference once. */
export interface SecretResolver {
  /**
   * The value of a secret. One line break at the end of a file or of a command's output is not part of it.
   *
   * @throws PhoenixError `PHOENIX_SECRET`
   */
  resolve(reference: SecretReference): Promise<string>;
}

/** A resolver for `env:NAME`, `file:path` and `cmd:program arguments`. Commands run without a shell. */
export function createSecretResolver(options: SecretResolverOptions): SecretResolver {
  const values = new Map<string, Promise<string>>();
  return {
    resolve: ({ $secret }) => {
      const known = values.get($secret);
      if (known !== undefined) return known;
      const value = readSecret($secret, options).then((secret) => {
        options.redactor.add(secret);
        return secret;
      });
      values.set($secret, value);
      return value;
    },
  };
}

async function readSecret(reference: string, options: SecretResolverOptions): Promise<string> {
  const { directory, environment = process.env } = options;
  const [, scheme, rest = ''] = /^(env|file|cmd):(.*)$/s.exec(reference) ?? [];
  switch (scheme) {
    case 'env': {
      const value = environment[rest];
      if (value === undefined)
        throw failure(
          reference,
          `the environment variable ${rest} is not set`,
          'Set the variable and run again.',
        );
      return required(value, reference, `the environment variable ${rest}`);
    }
    case 'file': {
      const path = rest.startsWith('~/')
        ? join(homedir(), rest.slice(2))
        : isAbsolute(rest)
          ? rest
          : resolve(directory, rest);
      const text = await readFile(path, 'utf8').catch((cause: unknown) => {
        throw failure(
          reference,
          `the file ${path} cannot be read`,
          'Create the file, or correct its path or permissions.',
          cause,
        );
      });
      return required(withoutLastBreak(text), reference, `the file ${path}`);
    }
    case 'cmd': {
      const argv = splitCommand(rest);
      const text = await runCommand(reference, argv, options);
      return required(withoutLastBreak(text), reference, `the output of ${argv[0] ?? 'the command'}`);
    }
    default:
      throw failure(
        reference,
        'it names no known place',
        'Write env:NAME, file:path or cmd:program arguments.',
      );
  }
}

function required(value: string, reference: string, place: string): string {
  if (value === '') throw failure(reference, `${place} is empty`, 'Put the secret there and run again.');
  return value;
}

function withoutLastBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** Words of a command line as a shell cuts them, without expansion: blanks separate, quotes join, a backslash takes the next sign as it is. */
export function splitCommand(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [token] of line.matchAll(/'[^']*'|"(?:\\.|[^"\\])*"|\\.|\s+|[^\s'"\\]+|['"\\]/gs)) {
    if (/^\s/.test(token)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (token.length > 1 && token.startsWith("'")) word = (word ?? '') + token.slice(1, -1);
    else if (token.length > 1 && token.startsWith('"'))
      word = (word ?? '') + token.slice(1, -1).replace(/\\(["\\$`])/g, '$1');
    else if (token.length > 1 && token.startsWith('\\')) word = (word ?? '') + token.slice(1);
    else word = (word ?? '') + token;
  }
  return word === undefined ? words : [...words, word];
}

async function runCommand(
  reference: string,
  argv: readonly string[],
  { directory, environment = process.env, timeoutMs = 30_000 }: SecretResolverOptions,
): Promise<string> {
  const [program, ...args] = argv;
  if (program === undefined) throw failure(reference, 'it names no program', 'Write cmd:program arguments.');
  return new Promise((done, fail) => {
    const child = execFile(
      program,
      args,
      { cwd: directory, env: { ...environment }, timeout: timeoutMs, maxBuffer: 1_048_576, encoding: 'utf8' },
      (error, stdout) => {
        if (error === null) return done(stdout);
        // Neither its output nor its error output is shown: both may hold the secret.
        const reason = error.killed === true ? `did not end within ${timeoutMs / 1000} s` : endOf(error);
        fail(
          failure(
            reference,
            `the command ${program} ${reason}`,
            'Run the command by hand in the configuration’s directory to see why.',
          ),
        );
      },
    );
    child.stdin?.end();
  });
}

function endOf(error: { readonly code?: unknown }): string {
  if (error.code === 'ENOENT') return 'was not found';
  return typeof error.code === 'number' ? `ended with exit code ${error.code}` : 'failed';
}

function failure(reference: string, reason: string, hint: string, cause?: unknown): PhoenixError {
  return new PhoenixError({
    code: 'PHOENIX_SECRET',
    message: `The secret ${JSON.stringify(reference)} cannot be read: ${reason}.`,
    hint,
    ...(cause === undefined ? {} : { cause }),
    details: { reference },
  });
}
