import type { GuestCommand, GuestCommandResult, GuestShell } from '@phoenix/features';
import { PhoenixError } from '../../../errors/phoenix-error.js';

/** Bytes that a file may have unless the reader says otherwise. */
const fileBytes = 16 * 2 ** 20;
/** Slowest passage of bytes that is waited for, beside a minute. */
const bytesPerMs = 50;

/** Arguments: path, mode, bytes. What arrives short is not put in place. */
const writeScript = `umask 077
part=$1.phoenix-part
cat >"$part" || exit 73
[ "$(($(wc -c <"$part")))" -eq "$3" ] || { rm -f "$part"; echo cut >&2; exit 74; }
chmod "$2" "$part" && mv "$part" "$1"`;

/** Arguments: path, most bytes. */
const readScript = `[ -f "$1" ] || { echo 'no such file' >&2; exit 72; }
size=$(($(wc -c <"$1"))) || exit 72
[ "$size" -le "$2" ] || { echo "$size" >&2; exit 75; }
cat "$1"`;

/**
 * The whole `GuestShell` of a way that can run commands and nothing else: files go through standard input and output.
 * A file that arrives cut is `GUEST_UNREACHABLE`, and the file of that name stays as it was.
 */
export function withFiles(
  way: { readonly description: string; readonly vmid: number },
  run: (command: GuestCommand) => Promise<GuestCommandResult>,
): GuestShell {
  const { description, vmid } = way;
  const sh = (script: string, args: readonly string[], more: Omit<GuestCommand, 'argv'>) =>
    run({ argv: ['/bin/sh', '-c', script, 'sh', ...args], ...more });
  const fail = (message: string, hint: string) =>
    new PhoenixError({ code: 'PHOENIX_GUEST_FILE', message, hint, details: { vmid } });
  const said = ({ stderr }: GuestCommandResult) => new TextDecoder().decode(stderr).trim();
  return {
    description,
    run,
    writeFile: async (path, content, { mode = 0o600, signal } = {}) => {
      const result = await sh(writeScript, [path, mode.toString(8), String(content.byteLength)], {
        stdin: content,
        timeoutMs: 60_000 + content.byteLength / bytesPerMs,
        ...(signal === undefined ? {} : { signal }),
      });
      if (result.exitCode === 0) return;
      if (result.exitCode === 74)
        throw new PhoenixError({
          code: 'GUEST_UNREACHABLE',
          message: `${path} did not reach ${description} whole.`,
          hint: 'Try again.',
          details: { vmid },
        });
      throw fail(
        `${path} in ${description} could not be written: ${said(result)}`,
        'Check the path and the free space in the container.',
      );
    },
    readFile: async (path, { maxBytes = fileBytes, signal } = {}) => {
      const result = await sh(readScript, [path, String(maxBytes)], {
        timeoutMs: 60_000 + maxBytes / bytesPerMs,
        ...(signal === undefined ? {} : { signal }),
      });
      if (result.exitCode === 0 && !result.truncated) return result.stdout;
      if (result.exitCode === 75)
        throw fail(
          `${path} in ${description} has ${said(result)} bytes, more than the ${maxBytes} that were asked for.`,
          'Read it in pieces.',
        );
      throw fail(`${path} in ${description} could not be read: ${said(result)}`, 'Check the path.');
    },
  };
}
