import { z } from 'zod';

const shape = z.object({
  code: z.string().optional(),
  message: z.string(),
  hint: z.string().optional(),
  logTail: z.array(z.string()).optional(),
  details: z.unknown().optional(),
  reasonCode: z.string().optional(),
});

/** Lines that an error of core carries: of a log, a console, or a script's output. */
const lines = z.object({
  log: z.array(z.string()).optional(),
  console: z.array(z.string()).optional(),
  output: z.array(z.string()).optional(),
});

function linesOf(details: unknown): readonly string[] {
  const parsed = lines.safeParse(details);
  return parsed.success ? (parsed.data.log ?? parsed.data.console ?? parsed.data.output ?? []) : [];
}

/** Any error in the shape that all packages share. */
export interface ErrorDescription {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details: readonly string[];
  /** What was behind it where `code` only says that something failed: the class of a failed task's exit status. */
  readonly reasonCode?: string;
}

/** Reads an error of any package by its fields, never by its class; what has no code is a bug and says so. */
export function describeError(error: unknown): ErrorDescription {
  const parsed = shape.safeParse(
    error instanceof Error
      ? Object.assign({}, error, { message: error.message, ...('code' in error ? { code: error.code } : {}) })
      : error,
  );
  if (!parsed.success) return { code: 'PHOENIX_INTERNAL', message: String(error), details: [] };
  const { code, message, hint, logTail, details, reasonCode } = parsed.data;
  return {
    code: code ?? 'PHOENIX_INTERNAL',
    message,
    details: logTail ?? linesOf(details),
    ...(hint === undefined ? {} : { hint }),
    ...(reasonCode === undefined ? {} : { reasonCode }),
  };
}

/** The code of an error, looking through a failed task to the class of its exit status. */
export function errorCode(error: unknown): string {
  const { code, reasonCode } = describeError(error);
  return code === 'PVE_TASK_FAILED' && reasonCode !== undefined ? reasonCode : code;
}
