/** A key with a number at its end: `net0`. */
export const INDEXED_KEY = /^([a-z]+)(0|[1-9]\d{0,2})$/;

/**
 * Highest index of each indexed key; PVE's schema gives no range.
 * Sources: qemu-server QemuServer.pm, QemuServer/Drive.pm, PCI.pm, USB.pm; pve-container LXC/Config.pm; pve-manager NodeConfig.pm; pve-cluster.
 */
const INDEX_LIMITS: Readonly<Record<string, number>> = {
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

/** Highest index of `stem`, or -1 when it is no indexed key. */
export function indexLimitOf(stem: string): number {
  return INDEX_LIMITS[stem] ?? -1;
}
