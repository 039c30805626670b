import { CommanderError } from 'commander';
import type { Context } from './context.js';
import { exitCodeOf } from './exit-code-of.js';
import { EXIT_CODES, type ExitCodeName } from './exit-codes.js';
import { createProgram } from './program.js';

/**
 * Parses a command line, runs its command and says how the process should exit. Never throws: errors are shown.
 * @param args without the interpreter and the script
 */
export async function run(args: readonly string[], context: Context): Promise<number> {
  let outcome: ExitCodeName | number = 'done';
  const program = createProgram(async (act) => {
    outcome = await act(context);
  });
  const settings = {
    writeOut: (text: string) => context.stdout.write(text),
    writeErr: (text: string) => context.stderr.write(text),
  };
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap((child) => child.commands),
  ])
    command.exitOverride().configureOutput(settings);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return EXIT_CODES[error.exitCode === 0 ? 'done' : 'usage'].code;
    const failure = context.signal.aborted ? signalOutcome(context.signal) : exitCodeOf(error);
    outcome = failure;
    if (!context.signal.aborted) {
      const { reportError } = await import('./views/report-error.js');
      reportError(error, context, args, failure);
    }
  }
  return typeof outcome === 'number' ? outcome : EXIT_CODES[outcome].code;
}

function signalOutcome(signal: AbortSignal): ExitCodeName {
  return signal.reason === 'SIGTERM' ? 'terminated' : 'interrupted';
}
