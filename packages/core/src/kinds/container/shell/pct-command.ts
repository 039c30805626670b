import { randomBytes } from 'node:crypto';
import { quoteWord } from './quote-word.js';

/** Environment of commands in a container: that of a login of root, whatever the node has. */
const environment = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'USER=root',
  'LANG=C.UTF-8',
];

/** In the container: says on both streams that the command begins, then becomes it. Arguments: the mark, then program and arguments. */
const beginScript = `printf '%s\\n' "$1"; printf '%s\\n' "$1" >&2; shift; cd / && exec env -i ${environment.join(' ')} "$@"`;

/** A command line for the login shell of a node, and how what comes back is taken apart. */
export interface PctCommand {
  readonly line: string;
  /** What the command in the container gave; undefined when it did not begin, or its end was not seen. */
  parse(output: { readonly stdout: Uint8Array; readonly stderr: Uint8Array }): ParsedPctOutput;
}

export interface ParsedPctOutput {
  /** It was started in the container. */
  readonly began: boolean;
  /** Absent: the connection was cut before its end. */
  readonly exitCode?: number;
  readonly stdout: Uint8Array;
  /** Without the marks; of a command that did not begin, what `pct` or the login said. */
  readonly stderr: Uint8Array;
}

/**
 * Prints the command line that runs a program in a container with `pct exec`. Every word is quoted for the shells it passes; none of them expands
 * anything. Marks that nobody can know beforehand tell what the node says from what the command prints, and that its end was seen.
 */
export function printPctCommand(
  vmid: number,
  argv: readonly string[],
  options: { readonly sudo: boolean },
): PctCommand {
  const begin = `phoenix-${randomBytes(9).toString('hex')}`;
  const end = `phoenix-${randomBytes(9).toString('hex')}`;
  const words = ['pct', 'exec', String(vmid), '--', '/bin/sh', '-c', beginScript, 'sh', begin, ...argv];
  const command = [...(options.sudo ? ['sudo', '-n'] : []), ...words].map(quoteWord).join(' ');
  const line = `exec sh -c ${quoteWord(`PATH=$PATH:/usr/sbin:/sbin; ${command}; printf '\\n%s %s\\n' ${end} $? >&2`)}`;
  return {
    line,
    parse: ({ stdout, stderr }) => {
      const out = afterLine(stdout, begin);
      const err = afterLine(stderr, begin);
      const whole = err ?? stderr;
      const match = new RegExp(`\\n${end} (\\d+)\\n`).exec(Buffer.from(whole).toString('latin1'));
      return {
        began: err !== undefined,
        stdout: out ?? new Uint8Array(),
        stderr: match === null ? whole : whole.subarray(0, match.index),
        ...(match === null ? {} : { exitCode: Number(match[1]) }),
      };
    },
  };
}

/** What stands after the line that ends with the mark; undefined when it is not there. */
function afterLine(bytes: Uint8Array, mark: string): Uint8Array | undefined {
  const index = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(`${mark}\n`);
  return index < 0 ? undefined : bytes.subarray(index + mark.length + 1);
}
