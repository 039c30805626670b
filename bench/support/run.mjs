import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a program of this folder that sends its port when it listens. */
export async function startServer(file) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)));
  const [port] = await once(child, 'message');
  return { url: `https://127.0.0.1:${port}`, port, pid: child.pid, stop: () => child.disconnect() };
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Milliseconds that `work` takes. */
export async function time(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Runs the contestants of each round one after the other, in turning order, so that a busy machine hurts all alike.
 * Returns, per contestant, the times of all rounds.
 */
export async function interleave(contestants, rounds) {
  const names = Object.keys(contestants);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed())
      times[name].push(await time(contestants[name]));
  }
  return times;
}

/** Prints the closing line that programs read. */
export function report(bench, ratios, rest) {
  const rounded = Object.fromEntries(
    Object.entries(ratios).map(([name, value]) => [name, Number(value.toFixed(3))]),
  );
  console.log(JSON.stringify({ bench, ratios: rounded, ...rest, node: process.version }));
}

/** Runs a program of this folder and returns the one message it sends. */
export async function askProgram(file, args) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  const [message] = await once(child, 'message');
  return message;
}
