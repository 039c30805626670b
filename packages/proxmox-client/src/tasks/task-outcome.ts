import type { ProxmoxErrorCode } from '../errors/error-codes.js';
import { findFailure } from '../errors/failure-table.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import { parseUpid } from './parse-upid.js';

/** How a task ended. Warnings are a success. */
export interface TaskOutcome {
  readonly upid: string;
  readonly outcome: 'ok' | 'warnings' | 'failed';
  /** As PVE has it: `OK`, `WARNINGS: 2`, or the text of the error. */
  readonly exitStatus: string;
  /** The lines of the log that warn, without `WARN: `. */
  readonly warnings: readonly string[];
  /** The last lines of the log; empty for `ok`. */
  readonly logTail: readonly string[];
  /** Of `failed`: the class of the exit status, e.g. PVE_LOCKED. */
  readonly reasonCode?: ProxmoxErrorCode;
}

/** Judges an exit status: `OK` and `WARNINGS: n` are successes, everything else is the text of an error. Source: pve-common UPID.pm. */
export function judgeExitStatus(exitStatus: string): TaskOutcome['outcome'] {
  if (exitStatus === 'OK') return 'ok';
  return /^WARNINGS: \d+$/.test(exitStatus) ? 'warnings' : 'failed';
}

/** The class of a failed task's exit status; the texts are those of synchronous refusals. */
export function reasonOf(exitStatus: string): ProxmoxErrorCode {
  return findFailure(exitStatus)?.row.code ?? 'PVE_SERVER';
}

/**
 * Returns the outcome of a task that did its work.
 * @throws ProxmoxError PVE_TASK_FAILED with exit status, log tail and UPID when it did not
 */
export function requireTaskOk(outcome: TaskOutcome): TaskOutcome {
  if (outcome.outcome !== 'failed') return outcome;
  const { upid, exitStatus, logTail, reasonCode } = outcome;
  const { type, id, node } = parseUpid(upid);
  throw new ProxmoxError(
    'PVE_TASK_FAILED',
    `the task ${type}${id === '' ? '' : ` of ${id}`} on ${node} failed: ${exitStatus}`,
    {
      upid,
      exitStatus,
      logTail,
      ...(reasonCode === undefined ? {} : { reasonCode }),
    },
  );
}
