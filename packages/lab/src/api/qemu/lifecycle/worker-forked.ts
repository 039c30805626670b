/** How long PVE takes to fork a worker, in real milliseconds: within it, calls that came at the same moment pass the checks that a worker repeats. */
const FORK_MS = 8;

/** Waits as long as a fork takes. Races between parallel calls for one guest are decided in the workers, as in PVE, and not by who was parsed first. */
export function workerForked(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, FORK_MS);
  });
}
