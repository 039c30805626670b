/**
 * Highest index of each indexed key; PVE's schema gives no range.
 * Sources: qemu-server QemuServer.pm, QemuServer/Drive.pm, PCI.pm, USB.pm; pve-container LXC/Config.pm; pve-manager NodeConfig.pm; pve-cluster.
 */
export const INDEX_LIMITS = {
  acmedomain: 5,
  dev: 255,
  hostpci: 15,
  ide: 3,
  ipconfig: 31,
  link: 7,
  mp: 255,
  net: 31,
  numa: 7,
  parallel: 2,
  sata: 5,
  scsi: 30,
  serial: 3,
  unused: 255,
  usb: 13,
  virtio: 15,
  virtiofs: 9,
};
