import type { StreamHandler } from '../http/pipeline.js';
import { accessArea } from './access/access-area.js';
import type { ApiArea } from './area.js';
import { clusterArea } from './cluster/cluster-area.js';
import { firewallArea } from './firewall/firewall-area.js';
import { haArea } from './ha/ha-area.js';
import { connectWebsocket } from './lxc/console.js';
import { lxcArea } from './lxc/lxc-area.js';
import { nodesArea } from './nodes/nodes-area.js';
import { poolsArea } from './pools/pools-area.js';
import { qemuArea } from './qemu/qemu-area.js';
import { storageArea } from './storage/storage-area.js';
import { upload } from './storage/upload.js';
import { versionArea } from './version.js';

/** Every part of the API that the lab emulates. */
export const areas: readonly ApiArea[] = [
  versionArea,
  accessArea,
  clusterArea,
  firewallArea,
  haArea,
  nodesArea,
  storageArea,
  poolsArea,
  qemuArea,
  lxcArea,
];

/** Methods whose requests are read by their handlers themselves. */
export const streams: ReadonlyMap<string, StreamHandler> = new Map([
  ['POST /nodes/{node}/storage/{storage}/upload', upload],
  ['GET /nodes/{node}/lxc/{vmid}/vncwebsocket', connectWebsocket],
  ['GET /nodes/{node}/qemu/{vmid}/vncwebsocket', connectWebsocket],
]);
