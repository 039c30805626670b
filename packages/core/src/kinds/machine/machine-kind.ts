import type { DeclaredGuest, DeclaredMachine } from '../../config/model.js';
import type { GuestKind } from '../guest-kind.js';
import { createDelete } from '../steps/delete.js';
import { features } from '../steps/features.js';
import { firewall } from '../steps/firewall.js';
import { healthCheck } from '../steps/health-check.js';
import { pool } from '../steps/pool.js';
import { reboot } from '../steps/reboot.js';
import { record } from '../steps/record.js';
import { createSeal } from '../steps/seal.js';
import { shutdown } from '../steps/shutdown.js';
import { snapshot } from '../steps/snapshot.js';
import { start } from '../steps/start.js';
import { createAgentShell } from './agent-shell.js';
import { hasAgent } from './has-agent.js';
import { importMachine } from './import/import-machine.js';
import { listMachineAddresses } from './list-machine-addresses.js';
import { createMachineSeed } from './machine-seed.js';
import { planMachine } from './plan/plan-machine.js';
import { readMachine } from './read-machine.js';
import { removeSeeds } from './remove-seeds.js';
import { sealScript } from './seal-script.js';
import { adopt } from './steps/adopt.js';
import { clone } from './steps/clone.js';
import { configure } from './steps/configure.js';
import { convert } from './steps/convert.js';
import { create } from './steps/create.js';
import { growDisk } from './steps/grow-disk.js';
import { image } from './steps/image.js';
import { seed } from './steps/seed.js';
import { waitAgent } from './steps/wait-agent.js';
import { waitCloudInit } from './steps/wait-cloud-init.js';

/** QEMU machines. */
export const machineKind: GuestKind<DeclaredMachine> = {
  kind: 'machine',
  accepts: (declared: DeclaredGuest): declared is DeclaredMachine => declared.kind === 'machine',
  imageContent: 'import',
  read: readMachine,
  plan: planMachine,
  createSeed: createMachineSeed,
  answersWith: (guest) => (hasAgent(guest) ? 'guest agent answers' : undefined),
  listAddresses: listMachineAddresses,
  import: importMachine,
  openShell: createAgentShell,
  steps: {
    image,
    create,
    clone,
    adopt,
    configure,
    'grow-disk': growDisk,
    seed,
    firewall,
    pool,
    reboot,
    start,
    'wait-agent': waitAgent,
    'wait-cloud-init': waitCloudInit,
    features,
    'health-check': healthCheck,
    snapshot,
    seal: createSeal(sealScript),
    shutdown,
    convert,
    record,
    stop: shutdown,
    delete: createDelete(removeSeeds),
  },
};
