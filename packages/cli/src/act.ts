import type { Context } from './context.js';
import type { ExitCodeName } from './exit-codes.js';

/** Runs a command's code with the context and keeps how it ended: a class of outcome, or the exit code of a command in a guest. */
export type Act = (run: (context: Context) => Promise<ExitCodeName | number>) => Promise<void>;
