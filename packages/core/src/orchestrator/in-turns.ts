import { setImmediate } from 'node:timers/promises';

/** Items that are worked on before answers that arrive meanwhile get their turn. */
const batchSize = 64;

/** Works on many items without keeping the answers of the cluster waiting for all of them. Rejects with the first failure. */
export async function inTurns<Item>(items: readonly Item[], work: (item: Item) => unknown): Promise<void> {
  for (let start = 0; start < items.length; start += batchSize) {
    await Promise.all(items.slice(start, start + batchSize).map(work));
    await setImmediate();
  }
}
