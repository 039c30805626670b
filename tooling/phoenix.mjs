import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './workspace.mjs';

/** The built command line. */
export const phoenixBin = join(root, 'packages/cli/dist/main.js');

/**
 * Runs the built `phoenix`.
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, show?: boolean }} [options] `show` hands the terminal over instead of capturing
 * @returns {Promise<{ status: number, stdout: string, stderr: string }>}
 */
export function phoenix(args, { env = process.env, cwd = root, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [phoenixBin, ...args], {
      env,
      cwd,
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => (stdout += chunk));
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, stdout, stderr }));
  });
}

/**
 * Starts a lab in the background and returns the environment that reaches it.
 * @param {string} state an empty directory of the caller's
 * @param {string[]} [args] more arguments of `phoenix lab start`
 * @returns {Promise<{ env: NodeJS.ProcessEnv, stop: () => Promise<unknown> }>}
 */
export async function startLab(state, args = []) {
  const { status, stdout, stderr } = await phoenix([
    'lab',
    'start',
    '--detach',
    '--json',
    '--state',
    state,
    ...args,
  ]);
  if (status !== 0) throw new Error(`the lab did not start: ${stdout}${stderr}`);
  const lab = JSON.parse(stdout);
  const env = {
    ...process.env,
    PHOENIX_PVE_URL: lab.url,
    PHOENIX_PVE_TOKEN: lab.token,
    PHOENIX_PVE_FINGERPRINT: lab.fingerprint,
    PHOENIX_IMAGE_MIRROR: lab.imageMirror,
  };
  return { env, stop: () => phoenix(['lab', 'stop', '--state', state]) };
}
