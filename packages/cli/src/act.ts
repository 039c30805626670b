import type { Context } from './context.js';
import type { ExitCodeName } from './exit-codes.js';

/** Runs a command's code with the context and keeps how it ended. */
export type Act = (run: (context: Context) => Promise<ExitCodeName>) => Promise<void>;
