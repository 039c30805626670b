import type {
  CloneSource,
  DeclaredExtraDisk,
  DeclaredMachine,
  DeclaredVolume,
  ImageReference,
} from '../model.js';
import type { MachineInput } from '../schema/machine.js';
import { definedOnly } from './defined-only.js';
import { normaliseCommon } from './normalise-common.js';
import { type NormaliseContext, placeOf, reportAt } from './normalise-context.js';
import { normaliseMachineImage } from './normalise-image.js';
import { normaliseNetworks } from './normalise-networks.js';
import { normaliseVolumes } from './normalise-volumes.js';
import { collectPveOptions } from './parse-pve-options.js';

/** A machine of a file, its defaults merged, as the model has it. Problems go to the context. */
export function normaliseMachine(input: MachineInput, context: NormaliseContext): DeclaredMachine {
  const cloneFrom = normaliseClone(input, context);
  const volumes = normaliseVolumes(input.volumes, volumeSlots(input));
  return definedOnly({
    ...normaliseCommon(input, context),
    kind: 'machine',
    vmid: input.vmid,
    diskGib: input.disk_size_gb,
    networks: normaliseNetworks(input.network_config, input.network_bridge, context),
    image: sourceImage(input, context),
    cloneFrom,
    pveOptions: collectPveOptions(input.pve_options, { key: 'qm_options', words: input.qm_options }, context),
    sockets: input.sockets,
    cpuType: input.cpu_type,
    bios: input.bios,
    machineType: input.machine,
    volumes,
    extraDisks: [...normaliseExtraDisks(input, context), ...volumeDisks(volumes, input.storage_pool)],
    imageStorage: input.image_storage,
    seedStorage: input.seed_storage,
    userDataTemplate: context.readTemplate(
      input.user_data_template,
      placeOf(context, ['user_data_template']),
    ),
  });
}

function sourceImage(input: MachineInput, context: NormaliseContext): ImageReference | undefined {
  if (input.template_image !== undefined) {
    if (input.clone_from_vmid !== undefined) {
      reportAt(context, ['template_image'], {
        kind: 'conflict',
        message: 'The machine names an image and a clone source.',
        hint: 'Keep "template_image" or "clone_from_vmid".',
      });
    }
    return normaliseMachineImage(input.template_image, context, ['template_image']);
  }
  if (input.clone_from_vmid !== undefined || context.defaultImage === undefined) return undefined;
  return normaliseMachineImage(context.defaultImage.name, context, ['template']);
}

function normaliseClone(input: MachineInput, context: NormaliseContext): CloneSource | undefined {
  if (input.clone_from_vmid === undefined) {
    // A default for clones says nothing about machines that are none.
    return undefined;
  }
  if (input.clone_from_vmid === input.vmid) {
    reportAt(context, ['clone_from_vmid'], { kind: 'cycle', message: 'The machine is cloned from itself.' });
  }
  return { vmid: input.clone_from_vmid, linked: input.clone_type === 'linked' };
}

function normaliseExtraDisks(input: MachineInput, context: NormaliseContext): readonly DeclaredExtraDisk[] {
  const disks = input.extra_disks ?? [];
  const taken = new Map<string, number>();
  for (const [index, { slot }] of disks.entries()) {
    if (slot === undefined) continue;
    if (taken.has(slot)) {
      reportAt(context, ['extra_disks', index, 'slot'], {
        kind: 'duplicate',
        message: `Two disks are attached at ${slot}.`,
        got: JSON.stringify(slot),
      });
    }
    taken.set(slot, index);
  }
  let next = 1;
  return disks.map((disk) => {
    let slot = disk.slot;
    while (slot === undefined) {
      const candidate = `scsi${next}`;
      next += 1;
      if (!taken.has(candidate)) slot = candidate;
    }
    return definedOnly({
      slot,
      storage: disk.storage_pool ?? input.storage_pool,
      sizeGib: disk.size_gb,
      ssd: disk.ssd,
      discard: disk.discard,
      format: disk.format,
    });
  });
}

/** Volumes take slots from the far end, so that a further disk does not move them. */
function volumeSlots(input: MachineInput): (disk: number) => string {
  const taken = new Set((input.extra_disks ?? []).map((disk) => disk.slot));
  const free = Array.from({ length: 30 }, (_, index) => `scsi${30 - index}`).filter(
    (slot) => !taken.has(slot),
  );
  return (disk) => free[disk] ?? `scsi${30 - disk}`;
}

function volumeDisks(
  volumes: readonly DeclaredVolume[],
  storage: string | undefined,
): readonly DeclaredExtraDisk[] {
  return volumes.flatMap((volume) =>
    volume.kind === 'disk'
      ? [
          definedOnly({
            slot: volume.slot,
            storage: volume.storage ?? storage,
            sizeGib: volume.sizeGib,
            discard: true,
          }),
        ]
      : [],
  );
}
