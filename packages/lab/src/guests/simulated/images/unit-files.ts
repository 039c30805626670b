/** A unit that an image or a package brings. */
export interface UnitFile {
  readonly name: string;
  readonly description: string;
  readonly enabled?: boolean;
  /** Without an [Install] section (`static`). */
  readonly isStatic?: boolean;
  readonly wantedBy?: string;
  readonly exec?: string;
  readonly oneshot?: boolean;
}

/** The text of a unit's file. */
export function serviceFile(unit: UnitFile): string {
  const lines = ['[Unit]', `Description=${unit.description}`];
  if (unit.name.endsWith('.service')) {
    lines.push(
      '',
      '[Service]',
      `Type=${unit.oneshot === true ? 'oneshot' : 'simple'}`,
      `ExecStart=${unit.exec ?? `/usr/sbin/${unit.name.replace('.service', '')}`}`,
    );
    if (unit.oneshot === true) lines.push('RemainAfterExit=yes');
  } else if (unit.name.endsWith('.timer')) lines.push('', '[Timer]', 'OnCalendar=daily');
  if (unit.isStatic !== true) lines.push('', '[Install]', `WantedBy=${unit.wantedBy ?? 'multi-user.target'}`);
  return `${lines.join('\n')}\n`;
}

/** The units of a cloud image. */
export const systemUnits: readonly UnitFile[] = [
  {
    name: 'qemu-guest-agent.service',
    description: 'QEMU Guest Agent',
    isStatic: true,
    exec: '/usr/sbin/qemu-ga',
  },
  {
    name: 'ssh.service',
    description: 'OpenBSD Secure Shell server',
    enabled: true,
    exec: '/usr/sbin/sshd -D',
  },
  {
    name: 'cron.service',
    description: 'Regular background program processing daemon',
    enabled: true,
    exec: '/usr/sbin/cron -f',
  },
  { name: 'rsyslog.service', description: 'System Logging Service', enabled: true },
  { name: 'systemd-networkd.service', description: 'Network Configuration', enabled: true },
  { name: 'systemd-resolved.service', description: 'Network Name Resolution', enabled: true },
  { name: 'systemd-timesyncd.service', description: 'Network Time Synchronization', enabled: true },
  { name: 'systemd-journald.service', description: 'Journal Service', isStatic: true },
  {
    name: 'systemd-udevd.service',
    description: 'Rule-based Manager for Device Events and Files',
    isStatic: true,
  },
  { name: 'systemd-logind.service', description: 'User Login Management', isStatic: true },
  { name: 'dbus.service', description: 'D-Bus System Message Bus', isStatic: true },
  { name: 'unattended-upgrades.service', description: 'Unattended Upgrades Shutdown', enabled: true },
  {
    name: 'apt-daily.timer',
    description: 'Daily apt download activities',
    enabled: true,
    wantedBy: 'timers.target',
  },
  {
    name: 'apt-daily-upgrade.timer',
    description: 'Daily apt upgrade and clean activities',
    enabled: true,
    wantedBy: 'timers.target',
  },
  { name: 'apt-daily.service', description: 'Daily apt download activities', isStatic: true, oneshot: true },
  {
    name: 'apt-daily-upgrade.service',
    description: 'Daily apt upgrade and clean activities',
    isStatic: true,
    oneshot: true,
  },
  {
    name: 'fstrim.timer',
    description: 'Discard unused filesystem blocks once a week',
    enabled: true,
    wantedBy: 'timers.target',
  },
  {
    name: 'cloud-init.service',
    description: 'Cloud-init: Network Stage',
    enabled: true,
    oneshot: true,
    wantedBy: 'cloud-init.target',
  },
  {
    name: 'cloud-init-local.service',
    description: 'Cloud-init: Local Stage (pre-network)',
    enabled: true,
    oneshot: true,
    wantedBy: 'cloud-init.target',
  },
  {
    name: 'cloud-config.service',
    description: 'Cloud-init: Config Stage',
    enabled: true,
    oneshot: true,
    wantedBy: 'cloud-init.target',
  },
  {
    name: 'cloud-final.service',
    description: 'Cloud-init: Final Stage',
    enabled: true,
    oneshot: true,
    wantedBy: 'cloud-init.target',
  },
  { name: 'getty@.service', description: 'Getty on %I', enabled: false },
  { name: 'serial-getty@.service', description: 'Serial Getty on %I', enabled: false },
];
