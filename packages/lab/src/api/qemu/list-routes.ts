import { failure } from '../../http/pve-error.js';
import { defineRoute, type Route } from '../../http/route.js';
import { checkConfigLock, guestOf, isRunning } from './guest-access.js';
import { createGuest } from './lifecycle/create.js';
import { hasFeature } from './snapshots/guest-volumes.js';
import { currentStatus, guestStatus } from './status.js';

const base = '/nodes/{node}/qemu';
const features = new Set(['snapshot', 'clone', 'copy'] as const);

/** The list of guests, creating one, and what is asked about one guest. */
export const listRoutes: readonly Route[] = [
  defineRoute(`GET ${base}`, (ctx) => {
    const { lab, caller, node } = ctx;
    const full = ctx.params.boolean('full') === true;
    return Object.values(lab.state.guests)
      .filter((guest) => guest.kind === 'qemu' && guest.node === node)
      .filter((guest) => lab.access.has(caller, `/vms/${guest.vmid}`, ['VM.Audit']))
      .map((guest) => guestStatus(lab, guest, full));
  }),
  defineRoute(`POST ${base}`, createGuest),
  defineRoute(`GET ${base}/{vmid}`, () =>
    [
      'config',
      'cloudinit',
      'pending',
      'status',
      'unlink',
      'vncproxy',
      'termproxy',
      'migrate',
      'resize',
      'move',
      'rrd',
      'rrddata',
      'monitor',
      'agent',
      'snapshot',
      'spiceproxy',
      'sendkey',
      'firewall',
      'mtunnel',
      'remote_migrate',
    ].map((subdir) => ({ subdir })),
  ),
  defineRoute(`GET ${base}/{vmid}/status/current`, (ctx) => currentStatus(ctx.lab, guestOf(ctx))),
  defineRoute(`GET ${base}/{vmid}/feature`, (ctx) => {
    const { lab, node, params } = ctx;
    const guest = guestOf(ctx);
    const snapname = params.get('snapname');
    const section = snapname === undefined ? guest.config.main : guest.config.snapshots[snapname];
    if (section === undefined) throw failure(`snapshot '${snapname}' does not exist`);
    const feature = [...features].find((name) => name === params.get('feature')) ?? 'snapshot';
    const options = {
      running: isRunning(lab, guest.vmid),
      ...(snapname !== undefined && { snapshot: snapname }),
    };
    const has = hasFeature(lab, node, section, feature, options);
    return { hasFeature: has ? 1 : 0, nodes: sharedNodes(ctx.lab, section, node) };
  }),
  defineRoute(`PUT ${base}/{vmid}/sendkey`, async (ctx) => {
    const guest = guestOf(ctx);
    if (ctx.params.boolean('skiplock') !== true) checkConfigLock(guest.config);
    if (!isRunning(ctx.lab, guest.vmid)) throw failure(`VM ${guest.vmid} not running`);
    await ctx.lab.runtime.sendKey(guest.vmid, ctx.params.require('key'));
    return undefined;
  }),
  defineRoute(`POST ${base}/{vmid}/monitor`, async (ctx) => {
    const guest = guestOf(ctx);
    const command = ctx.params.require('command');
    if (!/^\s*(info|help)\b/.test(command)) ctx.lab.access.check(ctx.caller, '/', ['Sys.Modify']);
    if (!isRunning(ctx.lab, guest.vmid)) return `ERROR: VM ${guest.vmid} not running\n`;
    return ctx.lab.runtime.monitor(guest.vmid, command);
  }),
];

/** The nodes on which all of a guest's volumes are. */
function sharedNodes(
  lab: Parameters<typeof hasFeature>[0],
  section: Record<string, string>,
  node: string,
): string[] {
  const storages = Object.values(section).flatMap(
    (value) => /^([a-z][\w.-]+):[^,]*\//i.exec(value)?.[1] ?? [],
  );
  const shared = storages.every((storage) => lab.state.storages[storage]?.shared === true);
  return shared
    ? Object.keys(lab.state.nodes).filter((name) => lab.state.nodes[name]?.online === true)
    : [node];
}
