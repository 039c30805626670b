import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Lab, startLab } from '@phoenix/lab';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const scratch = join(root, '.cache', 'readme');
const programs = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, code = ''], index) => ({
    name: `program-${index + 1}`,
    title: /import \{ ([^}]+?) \}/.exec(code)?.[1] ?? '',
    code,
  }),
);
const PRINTED: Readonly<Record<string, RegExp>> = {
  'program-1': /web-01 2 virtio=\S+,bridge=vmbr0\n$/,
  'program-2': /^PVE 9\.2 with \d+ machines\n.*local: \d+ bytes free/s,
  'program-3': /987654.*does not exist \/ Look for it/,
  'program-4': /1000000 of 1000000 bytes\n.*TASK OK\n.*notes\.iso/s,
};
let lab: Lab;

beforeAll(async () => {
  lab = await startLab({
    storages: { local: { content: 'iso,vztmpl,import' }, 'local-lvm': { content: 'images,rootdir' } },
  });
  mkdirSync(scratch, { recursive: true });
  for (const { name, code } of programs) writeFileSync(join(scratch, `${name}.mts`), code);
});

afterAll(async () => {
  await lab.close();
  rmSync(scratch, { recursive: true });
});

describe('the programs of the README', () => {
  test('are there, and the page that shows it all has at most 20 lines', () => {
    expect(programs.length).toBeGreaterThanOrEqual(4);
    expect(programs[0]?.code.trim().split('\n').filter(Boolean).length).toBeLessThanOrEqual(20);
  });

  test('compile', () => {
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
      ts.sys,
      root,
    );
    const program = ts.createProgram(
      programs.map(({ name }) => join(scratch, `${name}.mts`)),
      { ...options, noEmit: true },
    );
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(problems).toEqual([]);
  });

  test.each(programs)('$name runs: $title', async ({ name, code }) => {
    const file = join(scratch, `${name}.mjs`);
    writeFileSync(
      file,
      ts.transpileModule(code, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      }).outputText,
    );
    const env = { ...process.env, PVE_URL: lab.url, PVE_TOKEN: lab.token, PVE_FINGERPRINT: lab.fingerprint };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    expect(stdout).toMatch(PRINTED[name] ?? /./);
  });
});
