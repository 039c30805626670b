import { defineRoute, type RequestContext, type Route } from '../../http/route.js';
import type { JsonValue } from '../../state/json.js';
import { offerTerminal, type TerminalEndpoint } from '../console/terminal-proxies.js';
import { describeWebsocket } from '../lxc/console.js';
import { guestOf, isRunning } from './guest-access.js';

const base = '/nodes/{node}/qemu/{vmid}';
const silent: TerminalEndpoint = { input: () => {}, detach: () => {} };

/** The consoles of virtual machines, over the websocket. */
export const consoleRoutes: readonly Route[] = [
  defineRoute(`POST ${base}/vncproxy`, vncproxy),
  defineRoute(`POST ${base}/termproxy`, termproxy),
  defineRoute(`GET ${base}/vncwebsocket`, describeWebsocket),
];

/**
 * POST …/termproxy: `qm terminal` on the named serial port, or on the first one. Whatever is wrong (no such port, a guest that is off) is said by that
 * program, in the terminal (pve-manager PVE/CLI/qm.pm). One client at a time has a port.
 */
function termproxy(ctx: RequestContext): JsonValue {
  const { lab } = ctx;
  const { vmid, config } = guestOf(ctx);
  const wanted = ctx.params.get('serial');
  const port =
    wanted ??
    Object.keys(config.main)
      .filter((key) => /^serial\d$/.test(key))
      .sort()[0];
  const problem = () => {
    if (port === undefined) return 'unable to find a serial interface';
    if (config.main[port] === undefined) return `serial interface '${port}' is not configured`;
    if (config.main[port] !== 'socket') return `wrong type on serial interface '${port}'`;
    return isRunning(lab, vmid) ? undefined : `VM ${vmid} not running`;
  };
  const terminal = `/usr/sbin/qm terminal ${vmid} -escape 0${wanted === undefined ? '' : ` -iface ${wanted}`}`;
  return offerTerminal(ctx, {
    path: `/vms/${vmid}`,
    vmid,
    command: (at) => `/usr/bin/termproxy ${at} --path /vms/${vmid} --perm VM.Console -- ${terminal}`,
    attach: (output, ended) => {
      const text = problem();
      if (text !== undefined || port === undefined) {
        output(Buffer.from(`${text}\r\n`));
        ended();
        return silent;
      }
      output(Buffer.from(`starting serial terminal on interface ${port}\r\n`));
      // A simulated guest has a serial port on which nothing is ever said.
      return (
        lab.runtime.attachSerial?.(vmid, Number(port.slice('serial'.length)), { output, ended }) ?? silent
      );
    },
  });
}

/**
 * POST …/vncproxy: ticket, port, password and task as on PVE. There is no screen behind it: whoever connects sees nothing, and without a connection the
 * task ends as PVE's does.
 */
function vncproxy(ctx: RequestContext): JsonValue {
  const { lab } = ctx;
  const { vmid } = guestOf(ctx);
  const offered = offerTerminal(ctx, {
    path: `/vms/${vmid}`,
    vmid,
    command: () => `/usr/sbin/qm vncproxy ${vmid}`,
    attach: () => silent,
  });
  return { ...offered, password: drawPassword(lab.random), cert: lab.state.keys.certPem ?? '' };
}

/** Eight printable characters, which is all that the VNC protocol takes. */
function drawPassword(random: () => number): string {
  return Array.from({ length: 8 }, () => String.fromCharCode(33 + Math.floor(random() * 94))).join('');
}
