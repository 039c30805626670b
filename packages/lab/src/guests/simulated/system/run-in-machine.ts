import type { OpenFile } from '../shell/streams.js';
import { textInput } from '../shell/streams.js';
import type { Machine } from './machine.js';

/** The environment that systemd gives to services. */
export const serviceEnvironment: ReadonlyMap<string, string> = new Map([
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['LANG', 'C.UTF-8'],
]);

/** Runs a command line as root outside of any shell and waits for its end. */
export async function runInMachine(
  machine: Machine,
  argv: readonly string[],
  options: {
    unit: string;
    input?: string;
    cwd?: string;
    env?: ReadonlyMap<string, string>;
    onOutput?: (text: string) => void;
  },
): Promise<{ code: number; output: string }> {
  let output = '';
  const sink = (): OpenFile => ({
    holders: 1,
    close: () => {},
    write: (text) => {
      output += text;
      options.onOutput?.(text);
      return Promise.resolve();
    },
  });
  const process = machine.spawn({
    argv,
    env: options.env ?? serviceEnvironment,
    cwd: options.cwd ?? '/',
    uid: 0,
    gid: 0,
    files: new Map([
      [0, textInput(options.input ?? '')],
      [1, sink()],
      [2, sink()],
    ]),
    unit: options.unit,
  });
  const status = await process.exited;
  return { code: status.code ?? 128 + (status.signal ?? 0), output };
}
