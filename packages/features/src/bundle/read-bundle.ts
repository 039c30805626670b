import { readdir, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../canonical-json.js';
import { FeaturesError } from '../features-error.js';
import type { BundleFile, FeatureBundle } from './feature-bundle.js';
import { packBundle } from './pack-bundle.js';

/**
 * Reads a directory of scripts and files into a bundle. Names that begin with a dot and `node_modules` stay out.
 * Scripts (named by a hook, ending in `.sh`, or beginning with `#!`) lose CRLF line ends and become executable.
 * @throws FeaturesError `FEATURES_PACK_LOAD` when a hook's script is missing or unreadable.
 */
export async function readBundle(feature: {
  readonly name: string;
  readonly files: string;
  readonly hooks: Readonly<Record<string, { readonly script: string } | undefined>>;
  /** Default: every file. */
  readonly include?: (path: string) => boolean;
}): Promise<FeatureBundle> {
  const directory = fileURLToPath(feature.files);
  const scripts = Object.values(feature.hooks).flatMap((hook) => (hook === undefined ? [] : [hook.script]));
  let files: BundleFile[];
  try {
    files = await readFiles(directory, feature.include ?? (() => true));
  } catch (error) {
    throw new FeaturesError(
      'FEATURES_PACK_LOAD',
      `The files of feature ${feature.name} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error, feature: feature.name },
    );
  }
  for (const script of scripts) {
    const found = files.some((file) => file.path === script || file.path === `${script}.hbs`);
    if (!found) {
      throw new FeaturesError(
        'FEATURES_PACK_LOAD',
        `Feature ${feature.name} names the script ${script}, which is not in ${directory} (there are: ${files.map((file) => file.path).join(', ') || 'no files'}).`,
        { feature: feature.name },
      );
    }
  }
  return makeBundle(files, scripts);
}

/** Yields a bundle of files at hand; what `readBundle` does after reading. */
export function makeBundle(files: readonly BundleFile[], scripts: readonly string[]): FeatureBundle {
  const remarks: string[] = [];
  const interpreters: Record<string, readonly string[]> = {};
  const normal = files.map((file) => {
    const named = scripts.includes(file.path.replace(/\.hbs$/, ''));
    if (!named && !/\.sh(\.hbs)?$/.test(file.path) && !startsWithShebang(file.content)) return file;
    const unix = withoutCarriageReturns(file.content);
    if (unix !== file.content) remarks.push(`${file.path} has CRLF line ends; they were turned into LF`);
    const interpreter = readInterpreter(unix);
    if (interpreter === undefined && named) remarks.push(`${file.path} has no #! line; it runs with /bin/sh`);
    interpreters[file.path.replace(/\.hbs$/, '')] = interpreter ?? ['/bin/sh'];
    return { path: file.path, mode: 0o700, content: unix };
  });
  return { files: normal, digest: sha256(packBundle(normal).bytes), interpreters, remarks };
}

async function readFiles(directory: string, include: (path: string) => boolean): Promise<BundleFile[]> {
  const names = await readdir(directory, { recursive: true });
  const paths = names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.') || part === 'node_modules'))
    .filter((path) => include(path) && !/[\n\r]/.test(path))
    .sort();
  const files: BundleFile[] = [];
  for (const path of paths) {
    const info = await stat(`${directory}/${path}`);
    if (!info.isFile()) continue;
    const executable = (info.mode & 0o111) !== 0;
    files.push({ path, mode: executable ? 0o700 : 0o600, content: await readFile(`${directory}/${path}`) });
  }
  return files;
}

function startsWithShebang(content: Uint8Array): boolean {
  return content[0] === 0x23 && content[1] === 0x21;
}

/** The program of the first line and its argument, as the kernel splits them: at the first blank only. */
function readInterpreter(content: Uint8Array): readonly string[] | undefined {
  if (!startsWithShebang(content)) return undefined;
  const end = content.indexOf(0x0a);
  const line = Buffer.from(content.subarray(2, end < 0 ? Math.min(content.length, 1024) : end))
    .toString()
    .trim();
  if (line === '') return undefined;
  const blank = line.search(/[ \t]/);
  return blank < 0 ? [line] : [line.slice(0, blank), line.slice(blank).trim()];
}

function withoutCarriageReturns(content: Uint8Array): Uint8Array {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!bytes.includes('\r\n')) return content;
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
