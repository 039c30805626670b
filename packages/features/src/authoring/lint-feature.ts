import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FEATURE_HOOKS } from '../contract/feature.js';
import { optionsSchema } from '../contract/options-schema.js';
import type { CataloguedFeature } from '../sources/feature-catalogue.js';

/** One thing to improve in a pack. */
export interface LintFinding {
  /** `error`: it will not work somewhere; `warning`: it will disappoint somebody; `note`: worth knowing. */
  readonly severity: 'error' | 'warning' | 'note';
  /** A file of the pack, or a key of the definition. */
  readonly place: string;
  /** 1-based, where a script has a line for it. */
  readonly line?: number;
  readonly message: string;
}

/** Larger packs make the first run slow. */
const LARGE_BYTES = 5_000_000;

/**
 * Looks at a loaded feature for what its author would want to know before a user does: hooks that are missing, scripts
 * that need mending on the way, options without a description, the package's own fields, and what shellcheck says
 * where it is installed (a note says so where it is not). Reads files; starts shellcheck; changes nothing.
 */
export async function lintFeature(entry: CataloguedFeature): Promise<readonly LintFinding[]> {
  return [
    ...lintHooks(entry),
    ...lintOptions(entry),
    ...lintFiles(entry),
    ...(await lintPackage(entry)),
    ...(await shellcheck(entry)),
  ];
}

function lintHooks({ feature, source }: CataloguedFeature): LintFinding[] {
  if (source.kind === 'directory') return [];
  const findings: LintFinding[] = [];
  const { check, verify, remove } = feature.hooks;
  const warn = (place: string, message: string): void => {
    findings.push({ severity: 'warning', place, message });
  };
  if (check === undefined)
    warn('check', 'Without a check script drift is never found: the receipt alone is trusted.');
  if (verify === undefined)
    warn('verify', 'Without a verify script a service that does not come up counts as applied.');
  if (remove === undefined) {
    findings.push({
      severity: 'note',
      place: 'remove',
      message: 'Without a remove script the feature stays when it leaves the config.',
    });
  }
  if (feature.platforms.length === 0)
    warn('platforms', 'No system is named, so that it starts on any: name those it was tested on.');
  return findings;
}

function lintOptions({ feature }: CataloguedFeature): LintFinding[] {
  let schema: { readonly properties?: unknown };
  try {
    schema = optionsSchema(feature);
  } catch (error) {
    const message = `No JSON Schema can be made of the options: ${error instanceof Error ? error.message : String(error)}.`;
    return [{ severity: 'error', place: 'options', message }];
  }
  const { properties } = schema;
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties)
    .filter(([, option]) => typeof option !== 'object' || option === null || !('description' in option))
    .map(([name]) => ({
      severity: 'warning',
      place: `options.${name}`,
      message:
        'It has no description (`.describe(…)`), which editors and `phoenix features show` would print.',
    }));
}

function lintFiles({ feature, bundle }: CataloguedFeature): LintFinding[] {
  const findings: LintFinding[] = bundle.remarks.map((remark) => ({
    severity: 'warning',
    place: remark.split(' ')[0] ?? 'files',
    message: `${remark.slice(0, 1).toUpperCase()}${remark.slice(1)}.`,
  }));
  for (const hook of FEATURE_HOOKS) {
    const script = feature.hooks[hook]?.script;
    const file = bundle.files.find(({ path }) => path === script);
    if (file !== undefined && file.content.length === 0) {
      findings.push({
        severity: 'error',
        place: file.path,
        message: `The ${hook} script is empty: it always succeeds.`,
      });
    }
  }
  const bytes = bundle.files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > LARGE_BYTES) {
    const message = `The files have ${Math.round(bytes / 1_000_000)} MB, which go through the guest agent; let the script fetch what is large.`;
    findings.push({ severity: 'warning', place: 'files', message });
  }
  return findings;
}

const manifestShape = z.object({
  type: z.string().optional(),
  keywords: z.array(z.string()).default([]),
  license: z.string().optional(),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
});

async function lintPackage({ source }: CataloguedFeature): Promise<LintFinding[]> {
  if (source.kind !== 'package') return [];
  const manifest = manifestShape.parse(
    JSON.parse(await readFile(join(source.directory, 'package.json'), 'utf8')),
  );
  const findings: LintFinding[] = [];
  const say = (severity: LintFinding['severity'], message: string): void => {
    findings.push({ severity, place: 'package.json', message });
  };
  if (manifest.type !== 'module') say('error', 'Expected "type": "module": packs are ES modules.');
  if (!manifest.keywords.includes('phoenix-feature-pack'))
    say('warning', 'The keyword "phoenix-feature-pack" is missing, by which packs are found.');
  if (manifest.license === undefined) say('warning', 'It names no license.');
  if (manifest.dependencies['@phoenix/features'] !== undefined) {
    say(
      'warning',
      '@phoenix/features belongs under peerDependencies: the one of the user’s Phoenix is meant.',
    );
  } else if (manifest.peerDependencies['@phoenix/features'] === undefined) {
    say('note', 'It names no @phoenix/features under peerDependencies.');
  }
  const readme = await readFile(join(source.directory, 'README.md'), 'utf8').catch(() => '');
  if (readme.trim() === '')
    findings.push({
      severity: 'warning',
      place: 'README.md',
      message: 'There is none: tell what the pack does and its options.',
    });
  return findings;
}

const shellcheckShape = z.object({
  comments: z.array(z.object({ line: z.number(), level: z.string(), code: z.number(), message: z.string() })),
});

async function shellcheck({ bundle }: CataloguedFeature): Promise<LintFinding[]> {
  const findings: LintFinding[] = [];
  for (const [path, interpreter] of Object.entries(bundle.interpreters)) {
    const shell = /(?:^|[/ ])(ba|da|k|)sh(?: |$)/.exec(interpreter.join(' '))?.[1];
    const file = bundle.files.find((candidate) => candidate.path === path);
    if (shell === undefined || file === undefined) continue;
    const output = await runShellcheck(`${shell}sh`, file.content);
    if (output === undefined) {
      return [
        {
          severity: 'note',
          place: 'scripts',
          message: 'shellcheck is not installed here; with it, the scripts would be looked at too.',
        },
      ];
    }
    for (const { line, level, code, message } of shellcheckShape.parse(JSON.parse(output)).comments) {
      // 1091: a sourced file that is not followed, since the script comes on stdin.
      if (code === 1091) continue;
      findings.push({
        severity: level === 'error' ? 'error' : level === 'warning' ? 'warning' : 'note',
        place: path,
        line,
        message: `${message} (SC${code})`,
      });
    }
  }
  return findings;
}

/** Undefined where shellcheck is not installed. */
function runShellcheck(shell: string, content: Uint8Array): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('shellcheck', ['-f', 'json1', '-s', shell, '-'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => chunks.push(bytes));
    child.stdin.on('error', () => undefined);
    child.on('error', () => resolve(undefined));
    child.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    child.stdin.end(content);
  });
}
