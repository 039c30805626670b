import type { DeclaredContainer, DeclaredGuest } from '../../config/model.js';
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
import { importContainer } from './import/import-container.js';
import { listContainerAddresses } from './list-container-addresses.js';
import { planContainer } from './plan/plan-container.js';
import { readContainer } from './read-container.js';
import { sealScript } from './seal-script.js';
import { openContainerShell } from './shell/open-container-shell.js';
import { adopt } from './steps/adopt.js';
import { clone } from './steps/clone.js';
import { configure } from './steps/configure.js';
import { convert } from './steps/convert.js';
import { create } from './steps/create.js';
import { growDisk } from './steps/grow-disk.js';
import { image } from './steps/image.js';
import { waitShell } from './steps/wait-shell.js';

/** LXC containers. */
export const containerKind: GuestKind<DeclaredContainer> = {
  kind: 'container',
  accepts: (declared: DeclaredGuest): declared is DeclaredContainer => declared.kind === 'container',
  imageContent: 'vztmpl',
  read: readContainer,
  plan: planContainer,
  import: importContainer,
  // Its start is all: init runs when the task has ended.
  answersWith: () => undefined,
  listAddresses: listContainerAddresses,
  openShell: openContainerShell,
  steps: {
    image,
    create,
    clone,
    adopt,
    configure,
    'grow-disk': growDisk,
    firewall,
    pool,
    reboot,
    start,
    'wait-agent': waitShell,
    features,
    'health-check': healthCheck,
    snapshot,
    seal: createSeal(sealScript),
    shutdown,
    convert,
    record,
    stop: shutdown,
    delete: createDelete(async () => {}),
  },
};
