import type { Feature } from '../contract/feature.js';
import { baseSetup } from './base-setup.js';
import { docker } from './docker.js';
import { nfsMount } from './nfs-mount.js';
import { trustedCa } from './trusted-ca.js';
import { unattendedUpgrades } from './unattended-upgrades.js';
import { users } from './users.js';

/** The packs that come with Phoenix. */
export const builtInFeatures: readonly Feature[] = [
  baseSetup,
  docker,
  trustedCa,
  users,
  nfsMount,
  unattendedUpgrades,
];
