import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { Config } from './model.js';
import { type ConfigSource, type ParseConfigOptions, parseConfig } from './parse-config.js';

export interface LoadConfigOptions extends Omit<ParseConfigOptions, 'readTextFile'> {
  /** Where `PHOENIX_IMAGE_MIRROR` is looked up, unless `imageMirror` is given; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the configuration from one file or from several: JSON, JSON with comments, or YAML. Secrets stay
 * references. Relative paths in a file begin at its directory.
 *
 * @throws PhoenixError `PHOENIX_CONFIG` with every problem, `PHOENIX_CONFIG_NOT_FOUND`, `PHOENIX_CONFIG_UNREADABLE`.
 */
export async function loadConfig(
  files: string | readonly string[],
  options: LoadConfigOptions = {},
): Promise<Config> {
  const sources = await readConfigSources(files);
  return parseConfig(sources, withFileSystem(options));
}

/** The options of `parseConfig` that let it read templates from disk and know home and mirror. */
export function withFileSystem({
  environment = process.env,
  ...options
}: LoadConfigOptions): ParseConfigOptions {
  const mirror = environment.PHOENIX_IMAGE_MIRROR;
  return {
    homeDirectory: homedir(),
    ...(mirror === undefined || mirror === '' ? {} : { imageMirror: mirror }),
    ...options,
    readTextFile,
  };
}

/**
 * The texts of configuration files.
 *
 * @throws PhoenixError `PHOENIX_CONFIG_NOT_FOUND`, `PHOENIX_CONFIG_UNREADABLE`.
 */
export async function readConfigSources(files: string | readonly string[]): Promise<readonly ConfigSource[]> {
  const paths = typeof files === 'string' ? [files] : files;
  return Promise.all(paths.map(async (file) => ({ file, text: decode(file, await readBytes(file)) })));
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = errorCode(cause);
    if (reason === 'ENOENT') {
      throw new PhoenixError({
        code: 'PHOENIX_CONFIG_NOT_FOUND',
        message: `The configuration file ${file} does not exist.`,
        hint: 'Check the path; relative ones begin in the working directory.',
        cause,
        details: { file },
      });
    }
    throw new PhoenixError({
      code: 'PHOENIX_CONFIG_UNREADABLE',
      message:
        reason === 'EISDIR'
          ? `Expected a configuration file, but ${file} is a directory.`
          : `The configuration file ${file} cannot be read (${reason ?? 'unknown reason'}).`,
      hint: 'Name a file that you may read.',
      cause,
      details: { file },
    });
  }
}

function decode(file: string, bytes: Uint8Array): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    if (utf16) throw new TypeError('UTF-16');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PhoenixError({
      code: 'PHOENIX_CONFIG_UNREADABLE',
      message: `The configuration file ${file} is not UTF-8${utf16 ? ' but UTF-16' : ''}.`,
      hint: 'Save it as UTF-8.',
      cause,
      details: { file },
    });
  }
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new PhoenixError({
      code: 'PHOENIX_CONFIG_UNREADABLE',
      message: `The template ${path} cannot be read (${errorCode(cause) ?? 'unknown reason'}).`,
      cause,
      details: { file: path },
    });
  }
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
