import type { Context } from '../context.js';
import type { GlobalOptions } from '../global-options.js';
import { openOrchestrator } from '../open-orchestrator.js';
import { parseId } from '../parse-targets.js';

/** What `phoenix exec` takes. */
export interface ExecOptions extends GlobalOptions {
  /** Seconds. */
  readonly timeout?: number;
}

/**
 * `phoenix exec`: one command inside a guest, through its agent or terminal, with exact bytes in both directions.
 * @returns the command's own exit code; 128 and the signal's number where one ended it
 */
export async function runExec(
  context: Context,
  word: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const vmid = parseId(word);
  const { orchestrator } = await openOrchestrator(context, options);
  const shell = await orchestrator.openShell(vmid, { signal: context.signal });
  const stdin = context.stdin.isTTY === true ? undefined : await readAll(context.stdin);
  const result = await shell.run({
    argv,
    signal: context.signal,
    timeoutMs: (options.timeout ?? 60) * 1_000,
    ...(stdin === undefined || stdin.byteLength === 0 ? {} : { stdin }),
  });
  const exitCode = result.exitCode ?? 128 + (result.signalNumber ?? 0);
  if (options.json === true) {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const { truncated } = result;
    context.stdout.write(
      `${JSON.stringify({ vmid, exitCode, stdout: text(result.stdout), stderr: text(result.stderr), truncated })}\n`,
    );
    return exitCode;
  }
  context.stdout.write(result.stdout);
  context.stderr.write(result.stderr);
  if (result.truncated)
    context.stderr.write(
      'warning: the guest agent cut the output; write it to a file in the guest instead\n',
    );
  return exitCode;
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
