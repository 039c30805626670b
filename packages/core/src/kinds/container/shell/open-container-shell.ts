import type { GuestShell } from '@phoenix/features';
import type { ShellWay } from '../../guest-kind.js';
import { createPctShell } from './pct-shell.js';
import { createTerminalShell } from './terminal-shell.js';

/** The way into a running container that is configured: its terminal, or `pct exec` over SSH. */
export function openContainerShell(
  way: ShellWay,
  container: { readonly node: string; readonly vmid: number },
): GuestShell {
  const choice = way.config.containerShell;
  return choice?.kind === 'ssh'
    ? createPctShell(choice, container, way.signal)
    : createTerminalShell(way, container);
}
