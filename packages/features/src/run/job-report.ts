import { FeaturesError } from '../features-error.js';

/** What a job does, as `guest/job-state.sh` tells. */
export type JobState =
  | { readonly kind: 'absent' | 'starting' | 'running' | 'lost' | 'killed' }
  | { readonly kind: 'exited'; readonly exitCode: number };

/** One look at a job. */
export interface JobReport {
  /** How the start went; absent for a poll. */
  readonly start?: string;
  readonly state: JobState;
  /** Length of the log in bytes, when the state was read or later. */
  readonly size: number;
  /** Bytes of the log that came with this report. */
  readonly sent: number;
  /** Since the job's start, by the guest's clock. */
  readonly elapsedSeconds: number;
  /** The guest was restarted since the job's start. */
  readonly rebooted: boolean;
  /** Free space beside the job; absent where the guest does not tell. */
  readonly freeKib?: number;
}

/** Yields the piece of the log that came with a report. */
export function decodeLog(stdout: Uint8Array): Uint8Array {
  return Buffer.from(new TextDecoder('latin1').decode(stdout), 'base64');
}

/** @throws FeaturesError `FEATURES_GUEST_ANSWER` for an answer without a state. */
export function parseJobReport(stderr: string): JobReport {
  const lines = stderr.split('\n');
  const value = (key: string): string | undefined =>
    lines.findLast((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  const start = lines.find((line) => /^(started|exists|no-bundle|cut|no-interpreter .*)$/.test(line));
  const state = parseState(value('state'));
  if (state === undefined && (start === undefined || start === 'started' || start === 'exists')) {
    throw new FeaturesError(
      'FEATURES_GUEST_ANSWER',
      `The guest told no state of a job: ${JSON.stringify(stderr.slice(0, 200))}.`,
    );
  }
  const free = Number(value('free'));
  return {
    ...(start === undefined ? {} : { start }),
    state: state ?? { kind: 'absent' },
    size: Number(value('size') ?? 0),
    sent: Number(value('sent') ?? 0),
    elapsedSeconds: Number(value('elapsed') ?? 0),
    rebooted: value('boot') === 'changed',
    ...(Number.isFinite(free) ? { freeKib: free } : {}),
  };
}

function parseState(text: string | undefined): JobState | undefined {
  const exited = /^exited (\d+)\s*$/.exec(text ?? '');
  if (exited !== null) return { kind: 'exited', exitCode: Number(exited[1]) };
  switch (text) {
    case 'absent':
    case 'starting':
    case 'running':
    case 'lost':
    case 'killed':
      return { kind: text };
    default:
      return undefined;
  }
}
