import type { BundleFile } from '../bundle/feature-bundle.js';
import { packBundle } from '../bundle/pack-bundle.js';
import { sha256 } from '../canonical-json.js';
import { FeaturesError } from '../features-error.js';
import type { FeatureEvent } from './feature-event.js';
import { type GuestSession, runInGuest } from './guest-session.js';

/**
 * Brings a bundle into the guest in chunks, each checked by its digest, and unpacks it there; nothing is sent twice
 * that arrived before. One round trip a chunk; chunks that arrive damaged are sent up to three times.
 * @throws FeaturesError `FEATURES_GUEST_ANSWER` when bytes stay damaged, and as `runInGuest`.
 */
export async function* deliverBundle(
  session: GuestSession,
  feature: string,
  files: readonly BundleFile[],
): AsyncGenerator<FeatureEvent, void> {
  const { bytes, headerBytes } = packBundle(files);
  const bundle = sha256(bytes);
  const chunks: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += session.chunkBytes) {
    chunks.push(bytes.subarray(offset, offset + session.chunkBytes));
  }
  let failures = 0;
  for (let index = 0; index < chunks.length; ) {
    const chunk = chunks[index] ?? new Uint8Array();
    const args = [session.root, feature, bundle, index, sha256(chunk), chunks.length, headerBytes];
    const { stdout } = yield* runInGuest(session, 'deliver', args, chunk);
    const answer = new TextDecoder().decode(stdout).trim();
    if (answer === 'unpacked') return;
    const missing = /^missing (\d+)$/.exec(answer);
    if (missing !== null) {
      index = Number(missing[1]);
      continue;
    }
    failures += 1;
    if (failures >= 3) {
      throw new FeaturesError(
        'FEATURES_GUEST_ANSWER',
        `Files of feature ${feature} arrive damaged in ${session.shell.description}: ${answer.slice(0, 100)}; expected ${sha256(chunk)}.`,
        { feature },
      );
    }
    if (index === chunks.length - 1) index = 0;
  }
}
