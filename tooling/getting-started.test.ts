import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { phoenix } from './phoenix.mjs';
import { root } from './workspace.mjs';

const page = readFileSync(join(root, 'docs/getting-started.md'), 'utf8');
const blocks = [...page.matchAll(/^```(sh|json)(?: (\w+)="?([^"\n]+)"?)?\n([\s\S]*?)^```$/gm)];

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-getting-started-'));
  env = { ...process.env, XDG_STATE_HOME: join(folder, 'state') };
});

afterAll(async () => {
  await phoenix(['lab', 'stop'], { env, cwd: folder });
  rmSync(folder, { recursive: true, force: true });
});

it('every command of docs/getting-started.md works as written', async () => {
  expect(blocks.length).toBeGreaterThan(5);
  for (const [, language, attribute, value, text = ''] of blocks) {
    if (language === 'json' && value !== undefined) writeFileSync(join(folder, value), text);
    if (attribute === 'change') changeCores();
    if (language === 'sh') for (const line of text.trim().split('\n')) await runLine(line);
  }
}, 120_000);

function changeCores(): void {
  const file = join(folder, 'phoenix_vm_configs.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.vms[1].cores = 2;
  writeFileSync(file, JSON.stringify(config));
}

async function runLine(line: string): Promise<void> {
  if (line === '. ./lab.env') {
    for (const [, name = '', value = ''] of readFileSync(join(folder, 'lab.env'), 'utf8').matchAll(
      /^export (\w+)='?([^'\n]*)'?$/gm,
    ))
      env[name] = value;
    return;
  }
  const [, words = '', file] = /^phoenix (.*?)(?: > (\S+))?$/.exec(line) ?? [];
  expect(words, `${line} is a command that this test can run`).not.toBe('');
  const { status, stdout, stderr } = await phoenix(words.split(' '), { env, cwd: folder });
  expect(status, `${line}\n${stdout}${stderr}`).toBe(0);
  if (file !== undefined) writeFileSync(join(folder, file), stdout);
}
