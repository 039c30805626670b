import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configJsonSchema, formatConfigProblem, inspectConfig } from '../src/index.js';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const problems = (file: string, text: string) =>
  inspectConfig([{ file, text }], { strict: true }).problems.map(formatConfigProblem);

describe('documents', () => {
  test('the published JSON Schema is the one that the schemas give', () => {
    expect(JSON.parse(read('packages/core/config.schema.json'))).toEqual(
      JSON.parse(JSON.stringify(configJsonSchema())),
    );
  });

  const configs = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      /\.(json|jsonc|ya?ml)$/.test(path) &&
      !/node_modules|package\.json|tsconfig|template|lock/.test(path) &&
      /phoenix|config/.test(path),
  );
  test.each(configs)('examples/%s has no problem', (path) => {
    expect(problems(path, read(join('examples', path)))).toEqual([]);
  });

  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const blocks = pages.flatMap((page) =>
    [...read(join('docs', page)).matchAll(/^```(json|jsonc|yaml)\n([\s\S]*?)^```$/gm)]
      .map(([, language = '', text = ''], index) => ({
        name: `${page} block ${index + 1}.${language}`,
        text,
      }))
      .filter(({ text }) => /"?(?:vms|lxc_configs)"?\s*:/.test(text)),
  );
  test.each(blocks)('docs/$name has no problem', ({ name, text }) => {
    expect(problems(name, text)).toEqual([]);
  });

  test('docs show configurations', () => {
    expect(blocks.length).toBeGreaterThan(1);
    expect(configs.length).toBeGreaterThan(0);
  });
});
