// Writes the pages of docs/ that are made from tables in the code. With --check: fails when one is out of date.
// Usage: node tooling/generate-docs.mjs [--check]   (the packages must be built)
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { labCoveragePage } from '../packages/lab/tooling/coverage-page.mjs';
import { configReference } from './config-reference.mjs';
import { listPackages, root } from './workspace.mjs';

const pages = {
  'docs/errors.md': await errorsPage(),
  'docs/exit-codes.md': await exitCodesPage(),
  ...(await configPages()),
  'docs/lab-coverage.md': await labCoveragePage(),
};
const check = process.argv.includes('--check');
const stale = Object.entries(pages).filter(([name, text]) => readPage(name) !== text);
for (const [name, text] of stale) {
  if (check) console.error(`${name} is out of date: run \`pnpm docs\``);
  else writeFileSync(join(root, name), text);
}
console.log(
  check ? `docs: ${Object.keys(pages).length - stale.length} up to date` : `docs: ${stale.length} written`,
);
process.exitCode = check && stale.length > 0 ? 1 : 0;

function readPage(name) {
  const file = join(root, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

async function errorsPage() {
  const tables = await Promise.all(
    listPackages().map(async ({ folder, manifest }) => {
      const exports = await import(pathToFileURL(join(folder, 'dist/index.js')).href);
      const rows = Object.entries(exports)
        .filter(([name]) => name.endsWith('_ERROR_CODES'))
        .flatMap(([, table]) =>
          Array.isArray(table) ? table : Object.entries(table).map(([code, row]) => ({ code, ...row })),
        );
      return { name: manifest.name, rows };
    }),
  );
  return [
    '# Errors',
    '',
    'Every error carries a `code`, a `message` (what happened, in one sentence) and mostly a `hint` (what to do).',
    'Tell them apart by `code`. The command line prints the code in brackets; [exit codes](exit-codes.md) say the class.',
    '',
    'Generated from the tables in the packages by `pnpm docs`.',
    ...tables
      .filter(({ rows }) => rows.length > 0)
      .flatMap(({ name, rows }) => [
        '',
        `## ${name}`,
        '',
        '| code | what it means | what to do |',
        '|---|---|---|',
        ...rows.map((row) => `| \`${row.code}\` | ${cell(row.meaning)} | ${cell(row.hint ?? row.action)} |`),
      ]),
    '',
  ].join('\n');
}

async function exitCodesPage() {
  const { EXIT_CODES } = await import(pathToFileURL(join(root, 'packages/cli/dist/index.js')).href);
  return [
    '# Exit codes',
    '',
    'What `phoenix` exits with, so that scripts need not read its words.',
    '',
    'Generated from the table in `packages/cli/src/exit-codes.ts` by `pnpm docs`.',
    '',
    '| code | meaning |',
    '|---|---|',
    ...Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${cell(meaning)} |`),
    '',
    'With `--json` the last line of a command that could not do its work is an object of `type` `error` with the same code:',
    '',
    '    {"type":"error","code":"CLI_NO_ENDPOINT","message":"…","hint":"…","exitCode":4}',
    '',
  ].join('\n');
}

async function configPages() {
  const { configJsonSchema, IMAGE_CATALOGUE, LEGACY_KEYS } = await import(
    pathToFileURL(join(root, 'packages/core/dist/index.js')).href
  );
  const schema = configJsonSchema();
  return {
    'docs/config.md': configReference(schema, IMAGE_CATALOGUE, LEGACY_KEYS),
    'packages/core/config.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
  };
}

function cell(text) {
  return String(text ?? '')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
}
