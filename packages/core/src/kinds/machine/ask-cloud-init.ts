import type { GuestShell } from '@phoenix/features';
import { z } from 'zod';

/** How far cloud-init is in a guest. `degraded` is done with remarks. */
export interface CloudInitState {
  readonly state: 'running' | 'done' | 'absent' | 'degraded' | 'failed';
  readonly detail: string;
}

const statusSchema = z.object({
  status: z.string().default('unknown'),
  detail: z.string().optional(),
  errors: z.array(z.string()).optional(),
  recoverable_errors: z.record(z.string(), z.array(z.string())).optional(),
});

/** What cloud-init notes for itself about a stage. */
const stageSchema = z.looseObject({
  start: z.number().nullish(),
  finished: z.number().nullish(),
  errors: z.array(z.unknown()).optional(),
  recoverable_errors: z.record(z.string(), z.array(z.unknown())).optional(),
});

/** How far cloud-init is, as it notes for itself while it works (`/run/cloud-init/status.json`). */
const notesSchema = z.object({
  v1: z.looseObject({ stage: z.string().nullish() }).transform(({ stage, ...rest }) => ({
    stage,
    stages: Object.values(rest).flatMap((value) => {
      const parsed = stageSchema.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    }),
  })),
});

const stageTexts: Readonly<Record<string, string>> = {
  'init-local': 'before the network (init-local)',
  init: 'network stage (init): users, files, host keys',
  'modules-config': 'config stage (modules-config): package sources, locale',
  'modules-final': 'final stage (modules-final): packages, scripts',
};

const STILL_RUNNING = 99;
const HAS_RESULT = 98;
/** Every so many questions it is looked whether the last stage was killed, which leaves its note as it was for ever. */
const LOOK_EVERY = 10;

/**
 * cloud-init's own notes are read, and only where they leave a doubt `cloud-init status` is asked: a shell starts many times faster than cloud-init's
 * Python, which would slow down the boot that is waited for. Notes that say nothing (there are none, or of another version) come from `status` too.
 * A machine whose seal was cut off in this very boot has no state of cloud-init any more, and none to wait for.
 */
const statusScript = `if [ -e /run/phoenix-sealing ]; then echo 'status: done'; exit 0; fi
command -v cloud-init >/dev/null 2>&1 || exit 127
notes=/run/cloud-init/status.json
if [ "$1" = notes ] && [ -e $notes ]; then
  if [ -e /run/cloud-init/result.json ]; then cat $notes; exit ${HAS_RESULT}; fi
  if [ "$2" = look ] && systemctl is-failed --quiet cloud-final.service 2>/dev/null; then
    echo 'status: error'; echo 'cloud-final.service ended before it was done'; exit 1
  fi
  cat $notes; exit ${STILL_RUNNING}
fi
cloud-init status --format json`;

const text = new TextDecoder();

/**
 * Asks a guest how far its cloud-init is. `question` counts the questions of one wait, from 0.
 * Source of the exit codes of `cloud-init status`: 0 done, 1 failed, 2 done with remarks (cloud-init ≥ 23.4); older ones answer in plain text.
 */
export async function askCloudInit(shell: GuestShell, question: number): Promise<CloudInitState> {
  const ask = (...how: readonly string[]) =>
    shell.run({ argv: ['/bin/sh', '-c', statusScript, 'sh', ...how], timeoutMs: 60_000 });
  let result = await ask('notes', question % LOOK_EVERY === LOOK_EVERY - 1 ? 'look' : 'read');
  if (result.exitCode === HAS_RESULT) {
    if (saysDone(text.decode(result.stdout))) return { state: 'done', detail: '' };
    result = await ask('status');
  }
  if (result.exitCode === 127) return { state: 'absent', detail: 'cloud-init is not installed' };
  const output = text.decode(result.stdout);
  if (result.exitCode === STILL_RUNNING) return { state: 'running', detail: describeStage(output) };
  let status = /^status: (.*)$/m.exec(output)?.[1] ?? 'unknown';
  let detail = '';
  try {
    const parsed = statusSchema.parse(JSON.parse(output));
    status = parsed.status;
    const recoverable = Object.values(parsed.recoverable_errors ?? {}).flat();
    detail = [...(parsed.errors ?? []), ...recoverable].join('; ') || (parsed.detail ?? '');
  } catch {
    detail = output.trim();
  }
  if (/running|not started|not run|unknown/.test(status) && result.exitCode !== 1)
    return { state: 'running', detail: status };
  if (/disabled/.test(status)) return { state: 'absent', detail: 'cloud-init is disabled' };
  if (/error/.test(status) || result.exitCode === 1) return { state: 'failed', detail };
  return result.exitCode === 2 ? { state: 'degraded', detail } : { state: 'done', detail };
}

/** Whether the notes leave no doubt: every stage that began is finished, and none has anything to complain about. */
function saysDone(notes: string): boolean {
  const parsed = parseNotes(notes);
  if (parsed === undefined || (parsed.stage ?? null) !== null) return false;
  const begun = parsed.stages.filter(({ start }) => typeof start === 'number');
  return (
    begun.length > 0 &&
    begun.every(
      ({ finished, errors, recoverable_errors: remarks }) =>
        typeof finished === 'number' &&
        errors?.length === 0 &&
        Object.values(remarks ?? {}).flat().length === 0,
    )
  );
}

function describeStage(notes: string): string {
  const stage = parseNotes(notes)?.stage;
  return typeof stage === 'string'
    ? `still at the ${stageTexts[stage] ?? `stage ${stage}`}`
    : 'between two stages';
}

/** Undefined also for notes that were read while they were being written. */
function parseNotes(notes: string): z.infer<typeof notesSchema>['v1'] | undefined {
  try {
    return notesSchema.parse(JSON.parse(notes)).v1;
  } catch {
    return undefined;
  }
}
