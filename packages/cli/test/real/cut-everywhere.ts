import type { RealWorld } from './real-world.js';

/** A line of `phoenix --json`. */
export type Line = Readonly<Record<string, unknown>>;

/** What a run said that was killed again and again. */
export interface CutRun {
  /** Where it was killed, in this order: `8000/seal action-started`. */
  readonly cuts: readonly string[];
  /** Every line of every run. */
  readonly lines: readonly Line[];
  /** How the last run ended, the only one that was not killed. */
  readonly status: number | null;
}

/** How often the lab's log is looked at for a script that runs in a guest, which says nothing itself. */
const LOOK_MS = 20;

/**
 * Runs `phoenix orchestrate` again and again, and kills it (SIGKILL) at everything that is new about an action: that it has started, what it waits for,
 * what its task on the node prints, what its script in a guest prints, and that a script runs in a guest. Ends with the first run that has nothing new.
 * @param onLine sees each line of a run that is not about to be killed
 */
export async function cutEverywhere(
  world: RealWorld,
  args: readonly string[],
  onLine: (line: Line) => void,
): Promise<CutRun> {
  const cuts: string[] = [];
  const lines: Line[] = [];
  for (;;) {
    let isCut = false;
    let killNow = (): void => {};
    let action = '';
    const cutAt = (name: string): void => {
      if (isCut || cuts.includes(name)) return;
      isCut = true;
      cuts.push(name);
      world.log(`killed at ${name}`);
      killNow();
    };
    const looking = setInterval(() => {
      const { path = '' } = world.lab.requests.at(-1) ?? {};
      if (path.endsWith('/agent/exec-status') && action !== '') cutAt(`${action} runs in the guest`);
    }, LOOK_MS);
    const { status } = await world.watchPhoenix(args, (line, kill) => {
      lines.push(line);
      killNow = kill;
      action = line.type === 'action-started' ? String(line.actionId) : action;
      if (/^(action-started|action-progress|task-log|output)$/.test(String(line.type)))
        cutAt(`${line.actionId} ${line.type}`);
      if (!isCut) onLine(line);
    });
    clearInterval(looking);
    if (!isCut) return { cuts, lines, status };
  }
}
