import { isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import type { ContainerShellAccess, ContainerShellChoice } from '../model.js';
import type { ContainerShell } from '../schema/container-shell.js';
import { definedOnly } from './defined-only.js';

type Input = z.output<typeof ContainerShell>;
type AccessInput = Omit<Extract<Input, { readonly kind: 'ssh' }>, 'kind' | 'nodes' | 'connect_timeout'>;

/** What `container_shell` means, with paths made absolute. */
export function normaliseContainerShell(
  input: Input,
  place: { readonly directory: string; readonly homeDirectory?: string },
): ContainerShellChoice {
  if (input.kind === 'terminal') return { kind: 'terminal' };
  const path = (text: string | undefined): string | undefined => {
    if (text === undefined) return undefined;
    if (text.startsWith('~/') && place.homeDirectory !== undefined)
      return join(place.homeDirectory, text.slice(2));
    return isAbsolute(text) ? text : resolve(place.directory, text);
  };
  const access = ({
    host,
    port,
    user,
    identity_file,
    known_hosts_file,
    sudo,
  }: AccessInput): ContainerShellAccess =>
    definedOnly({
      host,
      port,
      user,
      identityFile: path(identity_file),
      knownHostsFile: path(known_hosts_file),
      sudo,
    });
  return {
    kind: 'ssh',
    ...access(input),
    connectTimeoutMs: input.connect_timeout ?? 10_000,
    nodes: Object.fromEntries(
      Object.entries(input.nodes ?? {}).map(([node, own]) => [node.toLowerCase(), access(own)]),
    ),
  };
}
