import { createVirtualClock } from '../../clock/create-clock.js';
import { FileTree } from './files/file-tree.js';
import { baseImage } from './images/base-image.js';
import { programs } from './programs.js';
import { collectOutput, textInput } from './shell/streams.js';
import { kernelFile } from './system/kernel-files.js';
import { Machine } from './system/machine.js';
import { serviceEnvironment } from './system/run-in-machine.js';

/** How a script ended, and what it printed (as text). */
export interface ScriptEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A machine without a guest around it, for tests of its programs. Sleeping programs are woken by advancing its clock. */
export function createTestMachine(label = 'ubuntu 24.04'): {
  machine: Machine;
  run: (script: string, input?: string) => Promise<ScriptEnd>;
} {
  const clock = createVirtualClock(Date.UTC(2026, 0, 1));
  const made: { machine?: Machine } = {};
  const files = new FileTree(
    baseImage(label).files,
    {},
    () => Math.floor(clock.now() / 1000),
    () => {},
    (path) => (made.machine === undefined ? undefined : kernelFile(made.machine, path)),
  );
  let draw = 1;
  const machine = new Machine({
    clock,
    files,
    random: () => {
      draw = (draw * 16807) % 2147483647;
      return draw / 2147483647;
    },
    programs,
    reply: () => undefined,
    hardware: {
      cpus: () => 2,
      memoryBytes: 2 ** 31,
      diskBytes: () => 2 ** 33,
      disks: () => [],
      format: () => {},
      nics: () => [],
    },
    power: () => {},
  });
  made.machine = machine;
  const run = async (script: string, input = ''): Promise<ScriptEnd> => {
    const out = collectOutput();
    const err = collectOutput();
    const process = machine.spawn({
      argv: ['/bin/sh', '-c', Buffer.from(script).toString('latin1')],
      env: serviceEnvironment,
      cwd: '/root',
      uid: 0,
      gid: 0,
      unit: 'test.service',
      files: new Map([
        [0, textInput(input)],
        [1, out.file],
        [2, err.file],
      ]),
    });
    let ended = false;
    void process.exited.then(() => {
      ended = true;
    });
    for (let turn = 0; turn < 10_000 && !ended; turn += 1) await clock.advance(100);
    const status = await process.exited;
    const text = (stream: typeof out) => Buffer.from(stream.text(), 'latin1').toString();
    return { code: status.code ?? 128 + (status.signal ?? 0), out: text(out), err: text(err) };
  };
  return { machine, run };
}
