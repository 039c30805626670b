import { afterAll, beforeAll, describe } from 'vitest';
import { testDocker } from './docker-in-guest.js';
import { testNfsMount } from './nfs-in-guest.js';
import { testPacks } from './packs-in-guest.js';
import { type RealWorld, startRealWorld } from './real-world.js';
import { testRunner } from './runner-in-guest.js';
import { testThirdParty } from './third-party-in-guest.js';

// One guest for all of it, and the tests in this order: without KVM a boot takes as long as most of what is looked at.
describe('in a real guest', { timeout: 900_000 }, () => {
  let world: RealWorld | undefined;
  beforeAll(async () => {
    const begun = performance.now();
    world = await startRealWorld();
    console.log(`the guest is up after ${Math.round((performance.now() - begun) / 1000)} s`);
  }, 900_000);
  afterAll(() => world?.close());
  const running = (): RealWorld => {
    if (world === undefined) throw new Error('the guest did not come up');
    return world;
  };

  testRunner(running);
  testPacks(running);
  testNfsMount(running);
  testThirdParty(running);
  testDocker(running);
});
