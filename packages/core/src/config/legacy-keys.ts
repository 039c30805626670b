/** Keys of earlier tools' files that are accepted and not acted on, each with what to do instead. `*` stands for any ending. */
export const LEGACY_KEYS: Readonly<Record<string, string>> = {
  apparmor_manages_nesting: 'AppArmor profiles are set on the node; for nesting write "nesting": true.',
  apparmor_profile: 'No API sets AppArmor profiles; set them on the node.',
  application_script: 'Write a feature pack, or a directory of feature_install_<name>.sh scripts.',
  bootstrap_ca_url: 'Pass it as an option of the feature that needs it.',
  count: 'Declare each machine by itself.',
  dns_records: 'Phoenix does not manage DNS servers.',
  docker_stacks: 'Pass stacks as options of a feature.',
  enable_lifecycle_snapshots: 'Name the snapshots under "snapshots".',
  gpu_assignment: 'Devices can be passed to containers only by root@pam with a password.',
  id_maps: 'No API sets id maps; set them on the node.',
  integration_tests: 'Use "health_check".',
  'nvidia_*': 'Pass it as an option of the feature that needs it.',
  'portainer_*': 'Pass it as an option of the feature that needs it.',
  ports: 'Ports of a container need no mapping; open them under "firewall".',
  run_integration_tests: 'Use "health_check".',
  static_ip: 'Write the address under "network_config".',
  tests: 'Use "health_check".',
  traefik_service: 'Pass it as an option of the feature that needs it.',
  trigger_sync_on_completion: 'Order guests by "dependencies".',
  'vllm_*': 'Pass it as an option of the feature that needs it.',
  zfs_volumes: 'Declare volumes under "volumes" or "mount_points".',
};

const EXACT = new Map(Object.entries(LEGACY_KEYS).filter(([key]) => !key.endsWith('*')));
const PREFIXES = Object.entries(LEGACY_KEYS)
  .filter(([key]) => key.endsWith('*'))
  .map(([key, hint]) => ({ prefix: key.slice(0, -1), hint }));

/** What to do instead of a key of an earlier tool; `undefined` when the key is not one. */
export function legacyKeyHint(key: string): string | undefined {
  return EXACT.get(key) ?? PREFIXES.find(({ prefix }) => key.startsWith(prefix))?.hint;
}
