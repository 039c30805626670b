import { FeaturesError } from '../features-error.js';
import type { GuestCommandResult, GuestShell } from '../guest-shell.js';
import type { Clock } from './clock.js';
import type { FeatureEvent } from './feature-event.js';
import { type GuestScriptName, guestScript } from './guest-script.js';

/** What every trip into one guest shares. */
export interface GuestSession {
  readonly shell: GuestShell;
  /** See `GuestAccess.guest`. */
  readonly guest?: string;
  /** Directory of receipts, jobs and packs in the guest, without a slash at its end. */
  readonly root: string;
  readonly clock: Clock;
  /** How long an unreachable guest is waited for. */
  readonly patienceMs: number;
  /** Bytes of standard input a single command may carry. */
  readonly chunkBytes: number;
  readonly signal?: AbortSignal;
}

/** Bytes as a command's output, decoded. */
export interface TripResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/**
 * Runs one of the `guest/*.sh` scripts: one round trip. Waits for a guest that does not answer and repeats the trip:
 * every script may be repeated. The scripts' own exit codes: 73 cannot write.
 * @throws FeaturesError `FEATURES_GUEST_UNREACHABLE`, `FEATURES_GUEST_DISK_FULL`, `FEATURES_GUEST_PERMISSION`,
 * `FEATURES_GUEST_ANSWER`.
 */
export async function* runInGuest(
  session: GuestSession,
  script: GuestScriptName,
  args: readonly (string | number)[],
  stdin?: Uint8Array,
): AsyncGenerator<FeatureEvent, TripResult> {
  const argv = ['/bin/sh', '-c', guestScript(script), `phoenix-${script}`, ...args.map(String)];
  const result = yield* patiently(session, () =>
    session.shell.run({
      argv,
      ...(stdin === undefined ? {} : { stdin }),
      ...(session.signal === undefined ? {} : { signal: session.signal }),
    }),
  );
  const stderr = new TextDecoder().decode(result.stderr);
  if (result.exitCode === 0) return { exitCode: 0, stdout: result.stdout, stderr };
  throw classify(session, script, result, stderr);
}

/** Repeats what fails because the guest does not answer, until it does or the patience ends. */
export async function* patiently<T>(
  session: GuestSession,
  attempt: () => Promise<T>,
): AsyncGenerator<FeatureEvent, T> {
  let since: number | undefined;
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 4_000)) {
    session.signal?.throwIfAborted();
    try {
      const result = await attempt();
      if (since !== undefined) yield { kind: 'guest-reachable' };
      return result;
    } catch (error) {
      session.signal?.throwIfAborted();
      if (!isUnreachable(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      if (since === undefined) yield { kind: 'guest-unreachable', message };
      since ??= session.clock.now();
      if (session.clock.now() - since >= session.patienceMs) {
        throw new FeaturesError(
          'FEATURES_GUEST_UNREACHABLE',
          `${session.shell.description} did not answer for ${Math.round(session.patienceMs / 1000)} s: ${message}`,
          { cause: error },
        );
      }
      await session.clock.sleep(pauseMs, session.signal);
    }
  }
}

function isUnreachable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'GUEST_UNREACHABLE';
}

function classify(
  session: GuestSession,
  script: string,
  result: GuestCommandResult,
  stderr: string,
): FeaturesError {
  const said = stderr.trim().split('\n').slice(-3).join(' | ') || 'nothing';
  const where = session.shell.description;
  if (/No space left on device|Disk quota exceeded/i.test(stderr)) {
    return new FeaturesError('FEATURES_GUEST_DISK_FULL', `The disk of ${where} is full: ${said}`);
  }
  if (/Permission denied|Read-only file system|Operation not permitted/i.test(stderr)) {
    return new FeaturesError(
      'FEATURES_GUEST_PERMISSION',
      `${session.root} of ${where} cannot be written: ${said}`,
    );
  }
  const end =
    result.signalNumber === undefined ? `exit code ${result.exitCode}` : `signal ${result.signalNumber}`;
  return new FeaturesError(
    'FEATURES_GUEST_ANSWER',
    `${script}.sh ended in ${where} with ${end} and said: ${said}`,
  );
}
