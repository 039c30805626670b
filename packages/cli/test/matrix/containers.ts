/**
 * A container template with a feature, a clone of it with another, and a machine that must run before the clone starts. The machine has no
 * feature: the fleet of machines has those.
 */
export function containers(templateFile: string): unknown {
  return {
    vm_defaults: { cores: 1, memory_mb: 1024, storage_pool: 'quickOS-vm-disks', network_bridge: 'vmbr0' },
    vms: [
      {
        vmid: 8100,
        name: 'database',
        template_image: 'noble-server-cloudimg-amd64.img',
        network_config: { ip: '10.0.0.20/24', gw: '10.0.0.1' },
        user_config: { username: 'phoenix_user' },
      },
    ],
    lxc_defaults: { storage_pool: 'quickOS-vm-disks', memory_mb: 512, cores: 1, unprivileged: true },
    lxc_configs: {
      '900': {
        name: 'base-ct',
        template: templateFile,
        is_template: true,
        storage_size_gb: 2,
        features: ['base_setup'],
      },
      '901': {
        name: 'web-ct',
        clone_from_ctid: 900,
        storage_size_gb: 3,
        network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.21/24', gw: '10.0.0.1' },
        features: ['docker'],
        dependencies: [8100],
      },
    },
  };
}
