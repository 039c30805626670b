import type { Feature } from '../contract/feature.js';
import { baseSetup } from './base-setup.js';
import { docker } from './docker.js';

/** The packs that come with Phoenix. */
export const builtInFeatures: readonly Feature[] = [baseSetup, docker];
