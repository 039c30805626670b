import type { ContainerShellAccess, SshContainerShell } from '../../../config/model.js';

/** Where and as whom `ssh` logs in for one node. */
export interface SshTarget {
  readonly access: ContainerShellAccess;
  /** `user@host`. */
  readonly destination: string;
  /** The arguments of `ssh` before the command: never asks, always checks host keys, forwards nothing. */
  readonly args: readonly string[];
}

/** How the SSH server of a node is reached: what holds for all, with what differs for this one over it. Pure. */
export function sshTarget(shell: SshContainerShell, node: string): SshTarget {
  const { nodes, connectTimeoutMs, kind: _, ...common } = shell;
  const access: ContainerShellAccess = { ...common, ...nodes[node.toLowerCase()] };
  const option = (name: string, value: string | number) => ['-o', `${name}=${value}`];
  const destination = `${access.user ?? 'root'}@${access.host ?? node}`;
  const args = [
    '-T',
    ...option('BatchMode', 'yes'),
    ...option('StrictHostKeyChecking', 'yes'),
    ...option('ConnectTimeout', Math.max(1, Math.round(connectTimeoutMs / 1000))),
    ...option('ServerAliveInterval', 15),
    ...option('ServerAliveCountMax', 3),
    ...option('ClearAllForwardings', 'yes'),
    ...option('ForwardAgent', 'no'),
    ...option('PermitLocalCommand', 'no'),
    ...(access.port === undefined ? [] : ['-p', String(access.port)]),
    ...(access.identityFile === undefined
      ? []
      : ['-i', access.identityFile, ...option('IdentitiesOnly', 'yes')]),
    ...(access.knownHostsFile === undefined
      ? []
      : option('UserKnownHostsFile', `"${access.knownHostsFile}"`)),
    '--',
    destination,
  ];
  return { access, destination, args };
}
