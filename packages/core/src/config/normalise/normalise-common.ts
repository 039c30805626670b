import type { z } from 'zod';
import type { SourcePosition } from '../config-problem.js';
import type {
  DeclaredFeature,
  DeclaredFirewall,
  DeclaredGuestCommon,
  DeclaredUser,
  JsonValue,
} from '../model.js';
import type { guestKeys } from '../schema/guest.js';
import { Secret } from '../schema/primitives.js';
import { type NodePath, positionOf, type SourceNode } from '../source/source-node.js';
import { definedOnly } from './defined-only.js';
import { type NormaliseContext, placeOf, reportAt } from './normalise-context.js';

type CommonInput = z.output<z.ZodObject<typeof guestKeys>>;
type CommonOutput = Omit<
  DeclaredGuestCommon,
  'vmid' | 'networks' | 'pveOptions' | 'image' | 'cloneFrom' | 'diskGib' | 'volumes'
>;

/** The part of the model that machines and containers share. */
export function normaliseCommon(input: CommonInput, context: NormaliseContext): CommonOutput {
  const nodes = input.node === undefined ? [] : Array.isArray(input.node) ? input.node : [input.node];
  return definedOnly({
    name: input.name,
    position: positionOf(context.node),
    nodes: nodes.includes('any') ? [] : nodes,
    memoryMib: input.memory_mb,
    cores: input.cores,
    storage: input.storage_pool,
    user: normaliseUser(input.user_config, context),
    features: normaliseFeatures(input.features, context),
    isTemplate: input.is_template ?? false,
    templateSnapshotName: input.template_snapshot_name,
    snapshots: definedOnly({
      preFeatures: input.snapshots?.['pre-features'] ?? input.snapshots?.pre_features,
      postFeatures: input.snapshots?.['post-features'] ?? input.snapshots?.post_features,
    }),
    dependencies: [...new Set(input.dependencies ?? [])],
    tags: [...new Set(input.tags ?? [])],
    pool: input.pool,
    description: input.description,
    startAtBoot: input.start_at_boot,
    bootOrder: input.boot_order,
    bootDelaySeconds: input.boot_delay,
    leaveStopped: input.leave_stopped,
    reboot: input.reboot,
    protection: input.protection,
    firewall: normaliseFirewall(input.firewall),
    healthCheck:
      input.health_check === undefined
        ? undefined
        : {
            command: input.health_check.command,
            retries: input.health_check.retries ?? 3,
            intervalMs: input.health_check.interval ?? 10_000,
            timeoutMs: input.health_check.timeout ?? 30_000,
          },
    timeouts: definedOnly({
      agentMs: input.timeouts?.agent,
      cloudInitMs: input.timeouts?.cloud_init,
      featureMs: input.timeouts?.feature,
      shutdownMs: input.timeouts?.shutdown,
      downloadMs: input.timeouts?.download,
      cloneMs: input.timeouts?.clone,
      lockMs: input.timeouts?.lock,
    }),
    positions: collectPositions(context.node),
  });
}

function normaliseUser(
  input: CommonInput['user_config'],
  context: NormaliseContext,
): DeclaredUser | undefined {
  if (input === undefined) return undefined;
  if (typeof input.password === 'string' && !/^\$[0-9a-z]+\$/.test(input.password)) {
    reportAt(context, ['user_config', 'password'], {
      severity: 'warning',
      kind: 'secret',
      message: 'A password is written in the configuration.',
      hint: 'Name it instead: {"$secret": "env:NAME"}, "file:path" or "cmd:program".',
    });
  }
  return definedOnly({
    username: input.username,
    comment: input.comment,
    sshKeys: (input.ssh_keys ?? []).map((key) => (typeof key === 'string' ? key.trim() : key)),
    password: input.password,
    groups: [...new Set(input.groups ?? [])],
    shell: input.shell,
  });
}

function normaliseFeatures(
  input: CommonInput['features'],
  context: NormaliseContext,
): readonly DeclaredFeature[] {
  const seen = new Map<string, number>();
  return (input ?? []).flatMap((feature, index) => {
    const name = typeof feature === 'string' ? feature : feature.name;
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      reportAt(context, ['features', index], {
        kind: 'duplicate',
        message: `The feature ${JSON.stringify(name)} is asked for twice.`,
        hint: `It stands at item ${earlier + 1} too; keep one.`,
      });
      return [];
    }
    seen.set(name, index);
    const position = placeOf(context, ['features', index]);
    if (typeof feature !== 'string')
      checkSecrets(feature.options ?? {}, ['features', index, 'options'], context);
    if (typeof feature === 'string') return [{ name, options: {}, position }];
    return [definedOnly({ name, version: feature.version, options: feature.options ?? {}, position })];
  });
}

/** Options are the pack's affair, but a reference to a secret has one form everywhere. */
function checkSecrets(value: JsonValue, path: NodePath, context: NormaliseContext): void {
  if (typeof value !== 'object' || value === null) return;
  if ('$secret' in value) {
    if (Secret.safeParse(value).success) return;
    reportAt(context, path, {
      kind: 'invalid-value',
      message: 'The reference to a secret is not valid.',
      expected: '{"$secret": "env:NAME"}, "file:path" or "cmd:program arguments", and no other key',
    });
    return;
  }
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, entry] of entries) checkSecrets(entry, [...path, key], context);
}

function normaliseFirewall(input: CommonInput['firewall']): DeclaredFirewall | undefined {
  if (input === undefined) return undefined;
  return definedOnly({
    enabled: input.enabled,
    policyIn: input.policy_in,
    policyOut: input.policy_out,
    rules: (input.rules ?? []).map(({ sport, enabled, ...rule }) =>
      definedOnly({ ...rule, sourcePort: sport, enabled: enabled ?? true }),
    ),
  });
}

/** The place of every value of a tree, by its path joined with dots. */
function collectPositions(root: SourceNode): Readonly<Record<string, SourcePosition>> {
  const positions: Record<string, SourcePosition> = {};
  const visit = (node: SourceNode, path: NodePath): void => {
    if (path.length > 0) positions[path.join('.')] = positionOf(node);
    if (node.kind === 'object') for (const [key, entry] of node.entries) visit(entry.value, [...path, key]);
    else if (node.kind === 'array')
      for (const [index, item] of node.items.entries()) visit(item, [...path, index]);
  };
  visit(root, []);
  return positions;
}
