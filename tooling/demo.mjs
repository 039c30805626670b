// The whole of Phoenix in a minute, on a lab: plan, orchestrate, status, again, a change, its plan, applied.
// Usage: node tooling/demo.mjs [--real]   (the packages must be built; --real boots real guests in QEMU)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { phoenix, startLab } from './phoenix.mjs';
import { root } from './workspace.mjs';

const real = process.argv.includes('--real');
const colour = process.stdout.isTTY && (process.env.NO_COLOR ?? '') === '';
const folder = mkdtempSync(join(tmpdir(), 'phoenix-demo-'));
const configFile = join(folder, 'phoenix_vm_configs.json');
const startedAt = performance.now();
let env;
let tidied;
// The lab and its guests are processes of their own: whoever interrupts the demo shall not have to look for them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    console.log('\nInterrupted: the lab is stopped, and its guests with it.');
    tidy().finally(() => process.exit(1));
  });
}

try {
  cpSync(join(root, 'examples', real ? 'real-guests' : 'first-users'), folder, { recursive: true });
  if (real) buildImages();
  say('A Proxmox VE to work on: the lab, on this machine.');
  command(`phoenix lab start --detach${real ? ' --guests qemu' : ''}`);
  ({ env } = await startLab(join(folder, 'lab'), real ? ['--guests', 'qemu'] : []));
  console.log(`${env.PHOENIX_PVE_URL} is a Proxmox VE now.`);

  say(
    `One file declares a template and a clone of it that ${real ? 'runs a script' : 'runs Docker'}. What would be done?`,
  );
  await run('plan', '--all');
  say('Do it.');
  await run('orchestrate', '--all');
  say('There they are.');
  await run('status');
  say('Running it again is always safe: nothing differs, nothing is sent.');
  await run('orchestrate', '--all');

  const config = JSON.parse(readFileSync(configFile, 'utf8'));
  const machine = config.vms.at(-1);
  machine.cores = 2;
  writeFileSync(configFile, `${JSON.stringify(config, undefined, 2)}\n`);
  say(
    `Now ${machine.name} shall have 2 cores instead of ${config.vm_defaults.cores}. Exactly that is planned, and when it takes effect:`,
  );
  await run('plan', String(machine.vmid));
  await run('orchestrate', String(machine.vmid));
  console.log(
    `\n${bold(`The demo took ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`)} Next: docs/getting-started.md`,
  );
} finally {
  await tidy();
}

/** Stops the lab and removes what the demo has written; once, whoever asks first. */
function tidy() {
  tidied ??= (async () => {
    await phoenix(['lab', 'stop', '--state', join(folder, 'lab')]);
    rmSync(folder, { recursive: true, force: true });
  })();
  return tidied;
}

/** Real guests boot from an image of the lab's own, built once. */
function buildImages() {
  say('Real guests need an image: a small Debian with cloud-init and the guest agent, built once.');
  command('pnpm guest-images');
  const { status } = spawnSync(process.execPath, [join(root, 'packages/lab/images/build-image.mjs')], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the guest images could not be built');
}

async function run(...args) {
  command(`phoenix ${args.join(' ')}`);
  const { status } = await phoenix(args, { env, cwd: folder, show: true });
  if (status !== 0) throw new Error(`phoenix ${args.join(' ')} exited with ${status}`);
}

function say(text) {
  console.log(`\n${bold(text)}`);
}

function command(text) {
  console.log(colour ? `\u001b[2m$ ${text}\u001b[22m\n` : `$ ${text}\n`);
}

function bold(text) {
  return colour ? `\u001b[1m${text}\u001b[22m` : text;
}
