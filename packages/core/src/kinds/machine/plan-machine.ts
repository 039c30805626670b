import type { DeclaredMachine } from '../../config/model.js';
import { PhoenixError } from '../../errors/phoenix-error.js';
import type { Inventory, ObservedGuest } from '../../observe/inventory.js';
import { digestOf } from '../../plan/digest-of.js';
import type { Action, Change, Notice, Reason, StepName } from '../../plan/plan.js';
import type { GuestDraft, PlanGuestInput } from '../guest-kind.js';
import { findImageVolumes, nameImage } from '../image-volume.js';
import { assertBridges, chooseNode, chooseStorage } from '../place-guest.js';
import { compareMachine, type KeyDifference } from './compare-machine.js';
import { listDesiredKeys } from './desired-keys.js';
import { findBootDisk, listMachineDisks } from './machine-disk.js';
import { listMacs } from './machine-net.js';
import { findSeedDrive } from './seed-drive.js';

const gib = 2 ** 30;

type Input = PlanGuestInput<DeclaredMachine>;

/** A configuration file that only reserves the vmid: a create or clone that still runs, or was cut off. */
export function isReservation(guest: ObservedGuest): boolean {
  return (guest.lock === 'create' || guest.lock === 'clone') && guest.marker === undefined;
}

class Draft {
  readonly shared: Action[] = [];
  readonly actions: Action[] = [];
  readonly notices: Notice[] = [];
  readonly drift: Change[] = [];

  constructor(readonly input: Input) {}

  get vmid(): number {
    return this.input.declared.vmid;
  }

  notice(code: string, message: string): void {
    this.notices.push({ code, message, vmid: this.vmid });
  }

  add(
    step: StepName,
    kind: Action['kind'],
    reason: Reason,
    title: string,
    more: {
      readonly changes?: readonly Change[];
      readonly input?: Action['input'];
      readonly after?: readonly string[];
    } = {},
  ): void {
    const previous = this.actions.at(-1);
    this.actions.push({
      id: `${this.vmid}/${step}`,
      vmid: this.vmid,
      step,
      kind,
      reason,
      title,
      changes: [...(more.changes ?? [])],
      dependsOn: [...(previous === undefined ? [] : [previous.id]), ...(more.after ?? [])],
      input: more.input ?? {},
    });
  }
}

function notOurs(declared: DeclaredMachine, guest: ObservedGuest): PhoenixError {
  const same = guest.name === declared.name;
  return new PhoenixError({
    code: 'PHOENIX_NOT_OURS',
    message: `${declared.vmid} is already taken by the ${guest.kind === 'machine' ? 'machine' : 'container'} "${guest.name ?? `VM ${guest.vmid}`}" on node ${guest.node}, which does not carry Phoenix' marker${same ? ' although its name is the declared one' : `; declared is "${declared.name}"`}.`,
    hint:
      guest.kind === 'machine'
        ? 'Give the machine another vmid, or take the existing one over with `--adopt`.'
        : 'Give the machine another vmid.',
    details: { vmid: declared.vmid, name: guest.name },
  });
}

function desiredChanges(declared: DeclaredMachine): readonly Change[] {
  const changes: Change[] = listDesiredKeys(declared, {}, undefined).map((desired) => ({
    key: desired.label,
    declared: desired.value,
    live: null,
    takesEffect: 'now',
  }));
  if (declared.diskGib !== undefined)
    changes.push({ key: 'disk_size_gb', declared: declared.diskGib, live: null, takesEffect: 'now' });
  return changes;
}

function planImage(draft: Draft, node: string): { readonly id?: string; readonly volid?: string } {
  const { declared, inventory } = draft.input;
  const reference = declared.image;
  if (reference === undefined) return {};
  if (reference.kind === 'volume') return { volid: reference.volid };
  const source = nameImage(reference);
  if (source === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE',
      message: `Machine ${declared.vmid} (${declared.name}) names a container template as its image.`,
      hint: 'Name a cloud image with `template_image`.',
      details: { vmid: declared.vmid },
    });
  }
  const storage = chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'import',
    key: 'image_storage',
    ...(declared.imageStorage === undefined ? {} : { name: declared.imageStorage }),
  });
  const present = findImageVolumes(inventory.images[`${node}/${storage.storage}`] ?? [], source.stem);
  const id = `image/${storage.shared ? '' : `${node}/`}${storage.storage}/${source.stem}`;
  draft.shared.push({
    id,
    step: 'image',
    kind: present.length > 0 ? 'run' : 'create',
    reason: present.length > 0 ? 'never-checked' : 'missing',
    title:
      present.length > 0
        ? `image ${source.title} on ${storage.storage}: check that it is the published one`
        : `image ${source.title} to ${storage.storage} on ${node}`,
    changes: [],
    dependsOn: [],
    input: { vmid: declared.vmid, node, storage: storage.storage, stem: source.stem },
  });
  return { id };
}

function planCreation(draft: Draft, reason: Reason): string {
  const { declared, inventory } = draft.input;
  const changes = desiredChanges(declared);
  if (declared.cloneFrom !== undefined) {
    const { vmid: sourceId, linked, snapshotName } = declared.cloneFrom;
    const row = inventory.resources.find((candidate) => candidate.vmid === sourceId);
    const planned = draft.input.config.guests.find((guest) => guest.vmid === sourceId);
    if (row === undefined && planned === undefined) {
      throw new PhoenixError({
        code: 'PHOENIX_CLONE_SOURCE_MISSING',
        message: `Machine ${declared.vmid} (${declared.name}) is to be cloned from ${sourceId}, which neither exists on the cluster nor is declared.`,
        hint: 'Correct `clone_from_vmid`, or declare that machine.',
        details: { vmid: declared.vmid, source: sourceId },
      });
    }
    if (row !== undefined && row.kind !== 'machine') {
      throw new PhoenixError({
        code: 'PHOENIX_CLONE_SOURCE_MISSING',
        message: `Machine ${declared.vmid} (${declared.name}) is to be cloned from ${sourceId}, which is a container.`,
        hint: 'Correct `clone_from_vmid`: machines are cloned from machines.',
        details: { vmid: declared.vmid, source: sourceId },
      });
    }
    const sourceNode =
      row?.node ?? (planned === undefined ? chooseNode(declared, inventory) : chooseNode(planned, inventory));
    const wanted = declared.nodes.length === 0 ? sourceNode : chooseNode(declared, inventory);
    assertBridges(declared, wanted, inventory);
    const storage = chooseStorageOfClone(draft, wanted, linked);
    const source = inventory.guests[String(sourceId)];
    const sourceDisk = source === undefined ? undefined : findBootDisk(source.config);
    if (
      declared.diskGib !== undefined &&
      sourceDisk?.bytes !== undefined &&
      sourceDisk.bytes > declared.diskGib * gib
    ) {
      draft.notice(
        'disk-larger',
        `The disk of ${sourceId} has ${sourceDisk.bytes / gib} GiB, more than the declared ${declared.diskGib}: disks never shrink, it stays so.`,
      );
    }
    draft.add(
      'clone',
      'create',
      reason,
      `${linked ? 'linked' : 'full'} clone of ${sourceId}${snapshotName === undefined ? '' : ` at ${snapshotName}`}`,
      {
        changes,
        input: { node: wanted, source: sourceId, linked, ...(storage === undefined ? {} : { storage }) },
      },
    );
    draft.add('configure', 'update', reason, 'hardware, network, tags', {});
    return wanted;
  }
  const node = chooseNode(declared, inventory);
  assertBridges(declared, node, inventory);
  const storage = chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'images',
    key: 'storage_pool',
    ...(declared.storage === undefined ? {} : { name: declared.storage }),
  });
  const image = planImage(draft, node);
  draft.add('create', 'create', reason, `machine on ${storage.storage}`, {
    changes,
    input: {
      node,
      storage: storage.storage,
      ...(image.volid === undefined ? {} : { volid: image.volid }),
      ...(image.id === undefined ? {} : { image: image.id }),
    },
    ...(image.id === undefined ? {} : { after: [image.id] }),
  });
  return node;
}

function chooseStorageOfClone(draft: Draft, node: string, linked: boolean): string | undefined {
  const { declared, inventory } = draft.input;
  if (declared.storage === undefined) return undefined;
  const name = chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'images',
    key: 'storage_pool',
    name: declared.storage,
  }).storage;
  // A linked clone lives where its template does; Proxmox VE refuses the parameter.
  return linked ? undefined : name;
}

function planProvisioning(draft: Draft, reason: Reason): void {
  const { declared, materials } = draft.input;
  draft.add('wait-agent', 'run', reason, 'guest agent answers');
  draft.add('wait-cloud-init', 'run', reason, 'cloud-init is done');
  const names = materials.features.map((feature) => feature.name);
  if (names.length > 0) {
    draft.add('features', 'run', reason, `features ${names.join(', ')}`, { input: { features: names } });
  }
  if (declared.healthCheck !== undefined) draft.add('health-check', 'run', reason, 'health check');
}

function planFinish(draft: Draft, reason: Reason): void {
  const { declared } = draft.input;
  if (declared.isTemplate) {
    if (declared.templateSnapshotName !== undefined) {
      draft.notice(
        'template-snapshot',
        `${declared.vmid} is a template, and templates have no snapshots: \`template_snapshot_name\` "${declared.templateSnapshotName}" stands for the sealed template itself.`,
      );
    }
    draft.add('seal', 'run', reason, 'remove identity: cloud-init state, machine-id, host keys, logs');
    draft.add('shutdown', 'run', reason, 'shut down');
    draft.add('convert', 'update', reason, 'convert to a template');
    return;
  }
  if (declared.templateSnapshotName !== undefined) {
    draft.add('snapshot', 'create', reason, `snapshot ${declared.templateSnapshotName}`, {
      input: { snapshot: declared.templateSnapshotName },
    });
  }
  draft.add('record', 'update', reason, 'remember what was applied');
}

function planSeed(
  draft: Draft,
  guest: ObservedGuest,
): { readonly changed: boolean; readonly change?: Change } {
  const { materials } = draft.input;
  // An adopted machine had its first boot; a seed would make cloud-init begin anew.
  if (materials.seed === undefined || guest.marker === undefined || guest.marker.from === 'adopted')
    return { changed: false };
  const macs = listMacs(draft.input.declared, guest.config);
  const { digest } = materials.seed(macs);
  const drive = findSeedDrive(guest.config);
  const live = drive?.vmid === guest.vmid ? drive.digest : undefined;
  if (live !== undefined && digest.startsWith(live) && guest.marker?.seed === digest)
    return { changed: false };
  return {
    changed: true,
    change: {
      key: 'seed',
      declared: digest.slice(0, 12),
      live: live ?? null,
      takesEffect: guest.status === 'running' ? 'next-cold-start' : 'now',
      ...(guest.marker?.seed === undefined ? {} : { lastApplied: guest.marker.seed.slice(0, 12) }),
    },
  };
}

function diskChanges(declared: DeclaredMachine, guest: ObservedGuest, draft: Draft): readonly Change[] {
  const changes: Change[] = [];
  const compare = (label: string, wantedGib: number | undefined, bytes: number | undefined) => {
    if (wantedGib === undefined || bytes === undefined) return;
    if (bytes < wantedGib * gib)
      changes.push({
        key: label,
        declared: wantedGib,
        live: Math.round((bytes / gib) * 100) / 100,
        takesEffect: 'now',
      });
    else if (bytes > wantedGib * gib && guest.marker?.stage === 'ready') {
      draft.notice(
        'disk-larger',
        `${label} of ${guest.vmid} is ${bytes / gib} GiB, more than the declared ${wantedGib}: disks never shrink, it stays so.`,
      );
    }
  };
  compare('disk_size_gb', declared.diskGib, findBootDisk(guest.config)?.bytes);
  const disks = listMachineDisks(guest.config);
  for (const extra of declared.extraDisks)
    compare(extra.slot, extra.sizeGib, disks.find((disk) => disk.slot === extra.slot)?.bytes);
  return changes;
}

function planTemplate(draft: Draft, guest: ObservedGuest, differences: readonly KeyDifference[]): void {
  const { declared, materials } = draft.input;
  if (differences.length > 0) addConfigure(draft, guest, differences);
  if (
    guest.marker !== undefined &&
    guest.marker.from !== 'adopted' &&
    guest.marker.features !== materials.featuresDigest
  ) {
    draft.notice(
      'template-stale',
      `The declaration of template ${declared.vmid} (${declared.name}) has other features than it was built with: a template cannot be changed inside. Delete it and orchestrate again, or allow it with \`--allow-replace\`.`,
    );
  }
}

function addConfigure(draft: Draft, guest: ObservedGuest, differences: readonly KeyDifference[]): void {
  const onlyDrift = differences.every((difference) => difference.drift);
  const reason: Reason = guest.marker === undefined ? 'adopted' : onlyDrift ? 'drift' : 'config-changed';
  draft.add(
    'configure',
    'update',
    reason,
    differences.map((difference) => difference.change.key).join(', '),
    {
      changes: differences.map((difference) => difference.change),
      input: { digest: guest.digest },
    },
  );
}

function planExisting(draft: Draft, guest: ObservedGuest): void {
  const { declared, policy } = draft.input;
  const { marker } = guest;
  noticeOrigin(draft, guest);
  const all = compareMachine(declared, guest);
  for (const difference of all) if (difference.drift) draft.drift.push(difference.change);
  const differences = policy.correctDrift ? all : all.filter((difference) => !difference.drift);
  if (guest.template) {
    planTemplate(draft, guest, differences);
    return;
  }
  if (marker === undefined) {
    draft.add('adopt', 'update', 'adopted', `take over "${guest.name ?? ''}"`, {
      input: { digest: guest.digest },
    });
  }
  const adopted = marker === undefined || marker.stage === 'ready';
  const sealed = declared.isTemplate && marker?.stage === 'sealed';
  const reason: Reason = marker === undefined ? 'adopted' : 'unfinished';
  if (differences.length > 0) addConfigure(draft, guest, differences);
  const grow = diskChanges(declared, guest, draft);
  if (grow.length > 0)
    draft.add(
      'grow-disk',
      'update',
      'disk-too-small',
      grow.map((change) => `${change.key} ${change.live} → ${change.declared} GiB`).join(', '),
      { changes: grow },
    );
  if (sealed) {
    if (guest.status === 'running') draft.add('shutdown', 'run', 'not-a-template', 'shut down');
    draft.add('convert', 'update', 'not-a-template', 'convert to a template');
    return;
  }
  const seed = planSeed(draft, guest);
  if (seed.changed) {
    draft.add('seed', 'update', marker?.stage === 'ready' ? 'seed-changed' : reason, 'cloud-init seed', {
      changes: seed.change === undefined ? [] : [seed.change],
    });
  }
  planSurroundings(draft, guest);
  if (adopted) planReady(draft, guest, seed.changed);
  else {
    if (guest.status !== 'running') draft.add('start', 'run', reason, 'start');
    planProvisioning(draft, reason);
    planFinish(draft, reason);
  }
}

function planNewFirewall(draft: Draft, reason: Reason): void {
  const { firewall } = draft.input.declared;
  if (firewall === undefined) return;
  draft.add(
    'firewall',
    'update',
    reason,
    `firewall ${firewall.enabled ? 'on' : 'off'}, ${firewall.rules.length} rules`,
    {
      input: { digest: digestOf(firewall).slice(0, 16) },
    },
  );
}

/** What belongs to the machine and stands outside its configuration. */
function planSurroundings(draft: Draft, guest: ObservedGuest): void {
  const { declared, inventory } = draft.input;
  const { firewall, pool } = declared;
  const digest = firewall === undefined ? undefined : digestOf(firewall).slice(0, 16);
  if (digest !== undefined && guest.marker?.firewall !== digest) {
    draft.add(
      'firewall',
      'update',
      'firewall-changed',
      `firewall ${firewall?.enabled === true ? 'on' : 'off'}, ${firewall?.rules.length ?? 0} rules`,
      { input: { digest } },
    );
  }
  const live = inventory.resources.find((row) => row.vmid === guest.vmid)?.pool;
  if (pool !== undefined && live !== pool) {
    draft.add('pool', 'update', 'pool-changed', `pool ${pool}`, {
      changes: [{ key: 'pool', declared: pool, live: live ?? null, takesEffect: 'now' }],
    });
  }
}

/** What the machine was made from and has changed since; nothing that Phoenix would redo by itself. */
function noticeOrigin(draft: Draft, guest: ObservedGuest): void {
  const { declared, inventory } = draft.input;
  const from = guest.marker?.from ?? '';
  const source =
    declared.cloneFrom === undefined ? undefined : inventory.guests[String(declared.cloneFrom.vmid)];
  const build = source?.marker?.build;
  if (
    source !== undefined &&
    build !== undefined &&
    from.startsWith(`${source.vmid}@`) &&
    from !== `${source.vmid}@${build}`
  ) {
    draft.notice(
      'source-changed',
      `${guest.vmid} (${declared.name}) was cloned from an earlier build of ${source.vmid}; it stays as it is. To make it from the present one, delete it and orchestrate again.`,
    );
  }
  const image =
    declared.cloneFrom === undefined && declared.image !== undefined ? nameImage(declared.image) : undefined;
  if (image !== undefined && from.includes(':import/') && !from.includes(`/${image.stem}-`)) {
    draft.notice(
      'source-changed',
      `${guest.vmid} (${declared.name}) was made from ${from}, and ${image.title} is declared now; the image counts only when a machine is made.`,
    );
  }
}

function planReady(draft: Draft, guest: ObservedGuest, seedChanged: boolean): void {
  const { declared, materials, policy } = draft.input;
  const { marker } = guest;
  const waiting = [
    ...Object.keys(guest.pending),
    ...draft.actions.flatMap((action) =>
      action.changes.filter((change) => change.takesEffect === 'next-cold-start').map((change) => change.key),
    ),
  ];
  const running = guest.status === 'running';
  const reboot = running && waiting.length > 0 && (policy.reboot ?? 'never') === 'if-pending';
  if (running && waiting.length > 0 && !reboot) {
    draft.notice(
      'reboot-pending',
      `${[...new Set(waiting)].join(', ')} of ${guest.vmid} (${declared.name}) will take effect at the next cold start: \`phoenix restart ${guest.vmid}\`.`,
    );
  }
  if (reboot) draft.add('reboot', 'run', 'reboot-pending', `restart for ${[...new Set(waiting)].join(', ')}`);
  if (!running) draft.add('start', 'run', 'stopped', 'start');
  const featuresChanged = (marker?.features ?? undefined) !== materials.featuresDigest;
  const snapshotMissing =
    declared.templateSnapshotName !== undefined && guest.config.parent === undefined && !declared.isTemplate;
  const provision = featuresChanged || declared.isTemplate || (policy.checkFeatures && running);
  const reason: Reason =
    marker === undefined ? 'adopted' : featuresChanged ? 'features-changed' : 'never-checked';
  if (provision) {
    planProvisioning(draft, reason);
    planFinish(draft, reason);
    return;
  }
  if (reboot || !running) {
    draft.add('wait-agent', 'run', running ? 'reboot-pending' : 'stopped', 'guest agent answers');
    if (seedChanged) draft.add('wait-cloud-init', 'run', 'seed-changed', 'cloud-init is done');
  }
  if (snapshotMissing) planFinish(draft, 'snapshot-missing');
}

function summarise(draft: Draft, node: string, reason: Reason): GuestDraft {
  const { actions } = draft;
  const kinds = new Set(actions.map((action) => action.kind));
  const kind: Action['kind'] = kinds.has('replace')
    ? 'replace'
    : actions.some((action) => action.step === 'create' || action.step === 'clone')
      ? 'create'
      : kinds.has('update')
        ? 'update'
        : kinds.has('create')
          ? 'update'
          : kinds.has('run')
            ? 'run'
            : 'none';
  return {
    node,
    kind,
    reason: actions.length === 0 ? 'in-sync' : reason,
    shared: draft.shared,
    actions,
    drift: draft.drift,
    notices: draft.notices,
  };
}

function assertPlaceable(inventory: Inventory, declared: DeclaredMachine, node: string): void {
  chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'iso',
    key: 'seed_storage',
    ...(declared.seedStorage === undefined ? {} : { name: declared.seedStorage }),
  });
}

/** Whether a template differs from its declaration in what only building it anew can bring. */
function needsReplacing(draft: Draft, guest: ObservedGuest): boolean {
  const { declared, materials } = draft.input;
  return (
    !declared.isTemplate ||
    (guest.marker?.from !== 'adopted' && guest.marker?.features !== materials.featuresDigest)
  );
}

/** Everything from nothing to a finished machine. Gives the node. */
function planNewMachine(draft: Draft, reason: Reason): string {
  const { declared, inventory, materials } = draft.input;
  const node = planCreation(draft, reason);
  if (declared.snippets === undefined) assertPlaceable(inventory, declared, node);
  if (declared.diskGib !== undefined || declared.extraDisks.length > 0) {
    draft.add('grow-disk', 'update', reason, `disk of ${declared.diskGib ?? '?'} GiB`);
  }
  if (materials.seed !== undefined) draft.add('seed', 'update', reason, 'cloud-init seed');
  planNewFirewall(draft, reason);
  draft.add('start', 'run', reason, 'start');
  planProvisioning(draft, reason);
  planFinish(draft, reason);
  return node;
}

/** Plans one machine: pure, see `GuestKind.plan`. */
export function planMachine(input: Input): GuestDraft {
  const { declared, inventory, policy } = input;
  const draft = new Draft(input);
  const row = inventory.resources.find((candidate) => candidate.vmid === declared.vmid);
  const guest = inventory.guests[String(declared.vmid)];
  if (row === undefined || guest === undefined || isReservation(guest)) {
    const reason: Reason = row === undefined ? 'missing' : 'unfinished';
    return summarise(draft, planNewMachine(draft, reason), reason);
  }
  if (guest.kind !== 'machine') throw notOurs(declared, guest);
  if (guest.marker === undefined && !policy.adopt) throw notOurs(declared, guest);
  if (guest.template && policy.allowReplace && guest.marker !== undefined && needsReplacing(draft, guest)) {
    draft.add('delete', 'replace', 'source-changed', 'delete the template, to make it anew', {
      input: { node: guest.node },
    });
    return summarise(draft, planNewMachine(draft, 'source-changed'), 'source-changed');
  }
  if (guest.template && !declared.isTemplate) {
    throw new PhoenixError({
      code: 'PHOENIX_REPLACE_NEEDED',
      message: `${declared.vmid} (${declared.name}) is a template on the cluster and declared as a machine; a template cannot become a machine again.`,
      hint: 'Set `is_template`, delete the template and orchestrate again, or allow it with `--allow-replace`.',
      details: { vmid: declared.vmid },
    });
  }
  planExisting(draft, guest);
  return summarise(draft, guest.node, draft.actions[0]?.reason ?? 'in-sync');
}
