import { parseConfig } from '../../packages/core/dist/index.js';

/** A configuration of machines cloned from an undeclared template 8000, from 8001 on. */
export function fleetConfig(count, imageMirror, template) {
  const common = { network_config: { ip: 'dhcp' }, user_config: { username: 'phoenix_user' } };
  const vms = Array.from({ length: count }, (_, index) => ({
    vmid: 8001 + index,
    name: `machine-${index + 1}`,
    ...(template === true
      ? { clone_from_vmid: 8000 }
      : { template_image: 'noble-server-cloudimg-amd64.img' }),
    ...common,
  }));
  if (template === true)
    vms.unshift({
      vmid: 8000,
      name: 'template',
      is_template: true,
      template_image: 'noble-server-cloudimg-amd64.img',
      ...common,
    });
  const defaults = {
    cores: 2,
    memory_mb: 1024,
    disk_size_gb: 10,
    storage_pool: 'quickOS-vm-disks',
    network_bridge: 'vmbr0',
  };
  return parseConfig(
    [{ file: '/bench/phoenix.json', text: JSON.stringify({ vm_defaults: defaults, vms }) }],
    {
      homeDirectory: '/bench',
      ...(imageMirror === undefined ? {} : { imageMirror }),
    },
  );
}
