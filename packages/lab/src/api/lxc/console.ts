import type { StreamHandler } from '../../http/pipeline.js';
import { badParameters, failure, PveError } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';
import type { JsonValue } from '../../state/json.js';
import { connectTerminal, offerTerminal } from '../console/terminal-proxies.js';
import { containerOf, isRunning, vmidOf } from './container-access.js';

/**
 * POST …/termproxy: a terminal of the container's one session. With `cmode: shell` (as of its start) that is a shell of root, otherwise a login prompt.
 * A stopped container's terminal answers, too, and ends with lxc-attach's message.
 */
export function termproxy(ctx: RequestContext): JsonValue {
  const { lab } = ctx;
  const guest = containerOf(ctx);
  const { vmid } = guest;
  const process = lab.containers.process(vmid);
  const cmode = process?.definition.config.cmode ?? guest.config.main.cmode;
  const mode = cmode === 'shell' || cmode === 'console' ? cmode : 'tty';
  return offerTerminal(ctx, {
    path: `/vms/${vmid}`,
    vmid,
    command: (port) => terminalCommand(ctx, port, mode),
    attach: (output, ended) => {
      if (!isRunning(lab, vmid)) {
        output(
          Buffer.from(
            `lxc-attach: ${vmid}: ../src/lxc/attach.c: get_attach_context: 405 Connection refused - Failed to get init pid\r\n`,
          ),
        );
        ended();
        return { input: () => {}, detach: () => {} };
      }
      return lab.containers.attach(vmid, mode, { output, ended });
    },
  });
}

function terminalCommand(ctx: RequestContext, port: number, mode: 'shell' | 'tty' | 'console'): string {
  const vmid = vmidOf(ctx);
  const attach =
    mode === 'shell'
      ? `lxc-attach --clear-env -n ${vmid}`
      : `lxc-console -n ${vmid} -e -1${mode === 'console' ? ' -t 0' : ''}`;
  const session = `/usr/bin/dtach -A /var/run/dtach/vzctlconsole${vmid} -r winch -z ${attach}`;
  const check = `--path /vms/${vmid} --perm VM.Console --vncticket-endpoint --verify-port --ticket-fd 6`;
  return `/usr/bin/termproxy ${port} ${check} -- ${session}`;
}

/** GET …/vncwebsocket without an upgrade: the ticket is checked, and the port answered. */
export function describeWebsocket(ctx: RequestContext): JsonValue {
  const port = ctx.params.requireInteger('port');
  checkTicket(ctx.lab, ctx.params.require('vncticket'), ctx.caller.authid, vmidOf(ctx), port);
  return { port: String(port) };
}

/** GET …/vncwebsocket as a websocket: relays between the client and the terminal that waits on the port. */
export const connectWebsocket: StreamHandler = async ({
  lab,
  caller,
  node,
  pathParameters,
  query,
  request,
}) => {
  const missing = ['port', 'vncticket'].filter((name) => typeof query[name] !== 'string');
  if (missing.length > 0) {
    throw badParameters(
      Object.fromEntries(missing.map((name) => [name, 'property is missing and it is not optional'])),
    );
  }
  const port = Number(query.port);
  checkTicket(lab, String(query.vncticket), caller.authid, Number(pathParameters.vmid), port);
  const key = request.headers.get('sec-websocket-key');
  if (key === undefined) throw failure('unable to upgrade to websocket');
  const { socket, head } = request.takeOver();
  const protocol = request.headers.get('sec-websocket-protocol');
  if (!connectTerminal(lab, node, port, { socket, head, key, protocol })) socket.destroy();
  return 'taken';
};

function checkTicket(
  lab: RequestContext['lab'],
  ticket: string,
  authid: string,
  vmid: number,
  port: number,
): void {
  if (lab.authenticator.verifyTerminalTicket(ticket, authid, `/vms/${vmid}`, port)) return;
  throw new PveError(401, 'permission denied - invalid PVEVNC ticket');
}

/** POST /access/vncticket: termproxy asks it whether the line that a client sent is a ticket for this terminal. */
export function verifyTerminalTicket(ctx: RequestContext): JsonValue {
  const { lab, params } = ctx;
  if (Object.values(lab.state.nodes).some((node) => node.lacks?.includes('token-terminals')))
    throw new PveError(501, "Method 'POST /access/vncticket' not implemented");
  const authid = params.require('authid');
  const path = params.require('path');
  const ports = [undefined, ...Array.from({ length: 100 }, (_, index) => 5900 + index)];
  const known = ports.some((port) =>
    lab.authenticator.verifyTerminalTicket(params.require('vncticket'), authid, path, port),
  );
  if (!known) throw new PveError(401, 'authentication failure');
  return null;
}

/** POST …/spiceproxy: the lab has no SPICE; a stopped container is refused as on PVE. */
export function spiceproxy(ctx: RequestContext): never {
  const vmid = vmidOf(ctx);
  if (!isRunning(ctx.lab, vmid)) throw failure(`CT ${vmid} not running`);
  throw failure('the lab emulates no SPICE consoles');
}
