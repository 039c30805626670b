import { buildGuestImages } from '../../src/images/guest-images.js';

/** Builds the guest images once, before two test files ask for them at the same time. Vitest's global setup, hence the name. */
export async function setup(): Promise<void> {
  await buildGuestImages({ log: (line) => console.log(`[images] ${line}`) });
}
