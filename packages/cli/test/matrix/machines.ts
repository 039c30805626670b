const person = { username: 'phoenix_user' };
const address = (last: number) => ({ ip: `10.0.0.${last}/24`, gw: '10.0.0.1' });

/** A template with a feature and clones of it: a full one with a feature and a snapshot, a linked one, and further full ones. */
export function machines(clones: number): unknown {
  const further = Array.from({ length: clones - 2 }, (_, index) => ({
    vmid: 8003 + index,
    name: `clone-${3 + index}`,
    clone_from_vmid: 8000,
    network_config: address(13 + index),
    user_config: person,
  }));
  return {
    vm_defaults: {
      cores: 2,
      memory_mb: 1024,
      disk_size_gb: 10,
      storage_pool: 'quickOS-vm-disks',
      network_bridge: 'vmbr0',
    },
    vms: [
      {
        vmid: 8000,
        name: 'template',
        is_template: true,
        template_image: 'noble-server-cloudimg-amd64.img',
        network_config: { ip: 'dhcp' },
        user_config: person,
        features: ['base_setup'],
      },
      {
        vmid: 8001,
        name: 'clone-1',
        clone_from_vmid: 8000,
        features: ['docker'],
        template_snapshot_name: 'provisioned',
        network_config: address(11),
        user_config: person,
      },
      {
        vmid: 8002,
        name: 'clone-2',
        clone_from_vmid: 8000,
        clone_type: 'linked',
        network_config: address(12),
        user_config: person,
      },
      ...further,
    ],
  };
}
