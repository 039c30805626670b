import type {
  CloneSource,
  DeclaredContainer,
  DeclaredMountPoint,
  DeclaredNetwork,
  ImageReference,
  PveOption,
} from '../model.js';
import type { ContainerInput } from '../schema/container.js';
import { definedOnly } from './defined-only.js';
import { normaliseCommon } from './normalise-common.js';
import { type NormaliseContext, placeOf, reportAt } from './normalise-context.js';
import { normaliseContainerImage } from './normalise-image.js';
import { normaliseNetworks } from './normalise-networks.js';
import { normaliseVolumes } from './normalise-volumes.js';
import { collectPveOptions } from './parse-pve-options.js';

/** A container of a file, its defaults merged, as the model has it. Problems go to the context. */
export function normaliseContainer(
  vmid: number,
  input: ContainerInput,
  context: NormaliseContext,
): DeclaredContainer {
  warnOfUser(input, context);
  return definedOnly({
    ...normaliseCommon(input, context),
    kind: 'container',
    vmid,
    diskGib: input.storage_size_gb,
    networks: nameInterfaces(
      normaliseNetworks(input.network_config, input.network_bridge, context),
      input,
      context,
    ),
    image: sourceImage(input, context),
    cloneFrom: normaliseClone(vmid, input, context),
    pveOptions: collectPveOptions(
      input.pve_options,
      { key: 'pct_options', words: input.pct_options },
      context,
    ),
    swapMib: input.swap_mb,
    unprivileged: input.unprivileged ?? true,
    nesting: input.nesting,
    volumes: [],
    mountPoints: [
      ...(input.mount_points ?? []).map((_, index) => normaliseMountPoint(input, index, context)),
      ...volumeMountPoints(input, context),
    ],
    imageStorage: input.image_storage,
    lxcOptions: (input.lxc_options ?? []).flatMap((line, index) => parseLxcOption(line, index, context)),
  });
}

/** Proxmox VE gives a container a root with password and keys, and no other user. */
function warnOfUser({ user_config: user }: ContainerInput, context: NormaliseContext): void {
  if (user === undefined) return;
  const ignored = [
    ...(user.username === 'root' ? [] : ['username' as const]),
    ...(['comment', 'groups', 'shell'] as const).filter((key) => user[key] !== undefined),
  ];
  const [first] = ignored;
  if (first === undefined) return;
  reportAt(context, ['user_config', first], {
    severity: 'warning',
    kind: 'ignored-key',
    message: `A container gets password and keys for its root; ${ignored.map((key) => JSON.stringify(key)).join(', ')} ${ignored.length === 1 ? 'is' : 'are'} not acted on.`,
    hint: 'Write "username": "root", and make further users with the feature "users".',
  });
}

function nameInterfaces(
  networks: readonly DeclaredNetwork[],
  input: ContainerInput,
  context: NormaliseContext,
): readonly DeclaredNetwork[] {
  const names = new Set<string>();
  return networks.map((network) => {
    const name = network.name ?? `eth${network.index}`;
    if (names.has(name)) {
      reportAt(context, ['network_config', network.index, 'name'], {
        kind: 'duplicate',
        message: `Two interfaces are called ${name}.`,
      });
    }
    names.add(name);
    const mac = network.mac ?? (network.index === 0 ? input.mac_address : undefined);
    return mac === undefined ? { ...network, name } : { ...network, name, mac };
  });
}

function sourceImage(input: ContainerInput, context: NormaliseContext): ImageReference | undefined {
  if (input.template !== undefined) {
    // The first users keep the template beside a clone source; the clone source wins, as it did there.
    if (input.clone_from_ctid !== undefined) {
      reportAt(context, ['template'], {
        severity: 'warning',
        kind: 'conflict',
        message: 'The template is not used: the container has a clone source.',
        hint: 'Remove "template" or "clone_from_ctid".',
      });
      return undefined;
    }
    return normaliseContainerImage(input.template, context, ['template']);
  }
  if (input.clone_from_ctid !== undefined || context.defaultImage === undefined) return undefined;
  return normaliseContainerImage(context.defaultImage.name, context, ['template']);
}

function normaliseClone(
  vmid: number,
  input: ContainerInput,
  context: NormaliseContext,
): CloneSource | undefined {
  if (input.clone_from_ctid === undefined) return undefined;
  if (input.clone_from_ctid === vmid) {
    reportAt(context, ['clone_from_ctid'], {
      kind: 'cycle',
      message: 'The container is cloned from itself.',
    });
  }
  return { vmid: input.clone_from_ctid, linked: input.clone_type === 'linked' };
}

function normaliseMountPoint(
  input: ContainerInput,
  index: number,
  context: NormaliseContext,
): DeclaredMountPoint {
  const mount = input.mount_points?.[index] ?? {};
  const path = mount.container_path ?? mount.mount_point;
  if (path === undefined || !path.startsWith('/')) {
    reportAt(context, ['mount_points', index], {
      kind: path === undefined ? 'missing-value' : 'invalid-value',
      message: path === undefined ? 'The key "container_path" is missing.' : '"container_path" is not valid.',
      expected: 'an absolute path in the container',
      ...(path === undefined ? {} : { got: JSON.stringify(path) }),
    });
  }
  const sources = [mount.host_path, mount.volume, mount.size_gb].filter((value) => value !== undefined);
  if (sources.length !== 1) {
    reportAt(context, ['mount_points', index], {
      kind: sources.length === 0 ? 'missing-value' : 'conflict',
      message: 'A mount point has exactly one source.',
      expected:
        '"size_gb" for a new volume, "volume" for one that exists, or "host_path" for a directory of the node',
      got: sources.length === 0 ? 'none of them' : 'several of them',
    });
  }
  return definedOnly({
    slot: `mp${index}`,
    path: path ?? '/',
    source: mount.host_path ?? mount.volume,
    storage: mount.size_gb === undefined ? undefined : (mount.storage_pool ?? input.storage_pool),
    sizeGib: mount.size_gb,
    readOnly: mount.read_only,
    backup: mount.backup,
    ownerUid: mount.owner_uid,
    ownerGid: mount.owner_gid,
    options: mount.options,
  });
}

function parseLxcOption(line: string, index: number, context: NormaliseContext): readonly PveOption[] {
  const match = /^\s*(lxc\.[A-Za-z0-9_.-]+)\s*[=:]\s*(.*?)\s*$/s.exec(line);
  const key = match?.[1];
  const position = placeOf(context, ['lxc_options', index]);
  if (key === undefined) {
    reportAt(context, ['lxc_options', index], {
      kind: 'invalid-value',
      message: 'The line is not an option of LXC.',
      expected: 'a line such as lxc.apparmor.profile=unconfined',
      got: JSON.stringify(line),
    });
    return [];
  }
  return [{ key, value: match?.[2] ?? '', position }];
}

/** A volume that is a disk is a mount point to Proxmox VE, which formats and mounts it; NFS needs the node. */
function volumeMountPoints(input: ContainerInput, context: NormaliseContext): readonly DeclaredMountPoint[] {
  return normaliseVolumes(input.volumes, (disk) => `mp${100 + disk}`).flatMap((volume, index) => {
    if (volume.kind === 'disk') {
      const { slot, sizeGib, mountPoint: path } = volume;
      return [definedOnly({ slot, path, storage: volume.storage ?? input.storage_pool, sizeGib })];
    }
    reportAt(context, ['volumes', index], {
      severity: 'warning',
      kind: 'ignored-key',
      message: 'A container cannot mount an NFS directory by itself.',
      hint: 'Mount it on the node, and bind it with "mount_points" and "host_path".',
    });
    return [];
  });
}
