import type { JsonObject } from '../../config/model.js';
import type { ImportedDraft } from './imported-guest.js';

/** An interface as `network_config` has it, and what it has beyond. */
export interface ImportedInterface {
  readonly declaration: JsonObject;
  /** Parts that have no key: `queues=4`. */
  readonly further: readonly string[];
}

/**
 * The interfaces of a guest: those that `network_config` can say, as far as they are numbered from `net0` without a gap; all others as they are.
 * `read` gives nothing for an interface that cannot be said.
 */
export function importNetworks(
  draft: ImportedDraft,
  read: (text: string, index: number) => ImportedInterface | undefined,
): readonly JsonObject[] {
  const declared: JsonObject[] = [];
  const indices = Object.keys(draft.config)
    .flatMap((key) => /^net(\d+)$/.exec(key)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right);
  for (const index of indices) {
    const key = `net${index}`;
    const live = draft.take(key);
    if (live === undefined) continue;
    const followsOn = index === declared.length && !draft.without.has('network_config');
    const found = followsOn ? read(String(live), index) : undefined;
    if (found === undefined) draft.option(key, live);
    else {
      declared.push(found.declaration);
      if (found.further.length > 0) draft.keep(`${key} ${found.further.join(',')}`);
    }
  }
  return declared;
}
