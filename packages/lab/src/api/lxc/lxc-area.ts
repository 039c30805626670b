import { defineRoute } from '../../http/route.js';
import type { ApiArea } from '../area.js';
import { cloneContainer } from './clone-container.js';
import { containerConfigView, containerPendingView, containerSectionView } from './config/config-view.js';
import { updateConfig } from './config/update-config.js';
import { describeWebsocket, spiceproxy, termproxy, verifyTerminalTicket } from './console.js';
import { containerOf } from './container-access.js';
import { convertToTemplate } from './convert-to-template.js';
import { createContainer } from './create-container.js';
import { deleteContainer } from './delete-container.js';
import { migrateContainer } from './migrate.js';
import { reboot, resume, shutdown, start, stop, suspend } from './power.js';
import { resizeVolume } from './resize-volume.js';
import {
  createSnapshot,
  deleteSnapshot,
  listSnapshots,
  requireSnapshot,
  rollbackSnapshot,
  snapshotConfig,
  snapshotIndex,
  updateSnapshot,
} from './snapshots.js';
import {
  containerIndex,
  currentStatus,
  hasFeature,
  listContainers,
  listInterfaces,
  statusIndex,
} from './status.js';

const containers = '/nodes/{node}/lxc';
const container = `${containers}/{vmid}`;

/** Containers: `/nodes/{node}/lxc`. */
export const lxcArea: ApiArea = {
  name: 'lxc',
  routes: [
    defineRoute(`GET ${containers}`, listContainers),
    defineRoute(`POST ${containers}`, createContainer),
    defineRoute(`GET ${container}`, containerIndex),
    defineRoute(`DELETE ${container}`, deleteContainer),
    defineRoute(`GET ${container}/config`, (ctx) => {
      const { config } = containerOf(ctx);
      const snapshot = ctx.params.get('snapshot');
      if (snapshot !== undefined)
        return containerSectionView(requireSnapshot(config.snapshots, snapshot), config);
      return containerConfigView(config, ctx.params.boolean('current') === true);
    }),
    defineRoute(`PUT ${container}/config`, updateConfig),
    defineRoute(`GET ${container}/pending`, (ctx) => containerPendingView(containerOf(ctx).config)),
    defineRoute(`GET ${container}/status`, statusIndex),
    defineRoute(`GET ${container}/status/current`, currentStatus),
    defineRoute(`POST ${container}/status/start`, start),
    defineRoute(`POST ${container}/status/stop`, stop),
    defineRoute(`POST ${container}/status/shutdown`, shutdown),
    defineRoute(`POST ${container}/status/reboot`, reboot),
    defineRoute(`POST ${container}/status/suspend`, suspend),
    defineRoute(`POST ${container}/status/resume`, resume),
    defineRoute(`GET ${container}/snapshot`, listSnapshots),
    defineRoute(`POST ${container}/snapshot`, createSnapshot),
    defineRoute(`GET ${container}/snapshot/{snapname}`, snapshotIndex),
    defineRoute(`DELETE ${container}/snapshot/{snapname}`, deleteSnapshot),
    defineRoute(`POST ${container}/snapshot/{snapname}/rollback`, rollbackSnapshot),
    defineRoute(`GET ${container}/snapshot/{snapname}/config`, snapshotConfig),
    defineRoute(`PUT ${container}/snapshot/{snapname}/config`, updateSnapshot),
    defineRoute(`POST ${container}/clone`, cloneContainer),
    defineRoute(`POST ${container}/template`, convertToTemplate),
    defineRoute(`PUT ${container}/resize`, resizeVolume),
    defineRoute(`GET ${container}/feature`, hasFeature),
    defineRoute(`GET ${container}/interfaces`, listInterfaces),
    defineRoute(`POST ${container}/migrate`, migrateContainer),
    defineRoute(`POST ${container}/termproxy`, termproxy),
    defineRoute(`GET ${container}/vncwebsocket`, describeWebsocket),
    defineRoute(`POST ${container}/spiceproxy`, spiceproxy),
    defineRoute('POST /access/vncticket', verifyTerminalTicket),
  ],
};
