/** A template and two clones, one of them linked; small, since it is made hundreds of times. */
export const smallFleet = {
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
      user_config: { username: 'phoenix_user' },
    },
    {
      vmid: 8001,
      name: 'full-clone',
      clone_from_vmid: 8000,
      cores: 4,
      features: ['base_setup'],
      template_snapshot_name: 'provisioned',
      network_config: { ip: '10.0.0.11/24', gw: '10.0.0.1' },
      user_config: { username: 'phoenix_user' },
    },
    {
      vmid: 8002,
      name: 'linked-clone',
      clone_from_vmid: 8000,
      clone_type: 'linked',
      storage_pool: undefined,
      network_config: { ip: '10.0.0.12/24', gw: '10.0.0.1' },
      user_config: { username: 'phoenix_user' },
    },
  ],
};
