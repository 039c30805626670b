import { z } from 'zod';

const Mode = z.union([
  z.string().regex(/^0?o?[0-7]{3,4}$/, 'an octal mode in quotes, such as "0644"'),
  z.int(),
]);
const Command = z.union([
  z.string(),
  z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
  z.null(),
]);
const Words = z.union([z.string(), z.array(z.string())]);

const User = z.union([
  z.string(),
  z.looseObject({
    name: z.string().min(1).optional(),
    snapuser: z.string().optional(),
    gecos: z.string().optional(),
    groups: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
    sudo: z.union([z.string(), z.array(z.string()), z.boolean(), z.null()]).optional(),
    shell: z.string().optional(),
    lock_passwd: z.boolean().optional(),
    hashed_passwd: z.string().optional(),
    passwd: z.string().optional(),
    plain_text_passwd: z.string().optional(),
    ssh_authorized_keys: z.array(z.string()).optional(),
    ssh_import_id: z.array(z.string()).optional(),
    uid: z.union([z.int(), z.string()]).optional(),
  }),
]);

/** The keys of a cloud-config whose form is known here; source: cloud-init's own schema, versions 22.4 to 25. */
export const CloudConfig = z.looseObject({
  hostname: z.string().optional(),
  fqdn: z.string().optional(),
  prefer_fqdn_over_hostname: z.boolean().optional(),
  preserve_hostname: z.boolean().optional(),
  manage_etc_hosts: z.union([z.boolean(), z.string()]).optional(),
  users: z.union([z.array(User), z.string(), z.record(z.string(), z.unknown())]).optional(),
  user: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  groups: z.union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
  password: z.string().optional(),
  chpasswd: z.looseObject({ expire: z.boolean().optional() }).optional(),
  ssh_pwauth: z.union([z.boolean(), z.string()]).optional(),
  ssh_authorized_keys: z.array(z.string()).optional(),
  ssh_deletekeys: z.boolean().optional(),
  disable_root: z.boolean().optional(),
  write_files: z
    .array(
      z.looseObject({
        path: z.string().regex(/^\//, 'an absolute path'),
        content: z.string().optional(),
        permissions: Mode.optional(),
        owner: z.string().optional(),
        encoding: z.string().optional(),
        append: z.boolean().optional(),
        defer: z.boolean().optional(),
      }),
    )
    .optional(),
  packages: z.array(z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())])).optional(),
  package_update: z.boolean().optional(),
  package_upgrade: z.boolean().optional(),
  package_reboot_if_required: z.boolean().optional(),
  runcmd: z.array(Command).optional(),
  bootcmd: z.array(Command).optional(),
  mounts: z.array(z.array(z.union([z.string(), z.number(), z.null()]))).optional(),
  timezone: z.string().optional(),
  locale: z.union([z.string(), z.boolean()]).optional(),
  growpart: z.looseObject({ devices: Words.optional() }).optional(),
  ntp: z.union([z.looseObject({}), z.null()]).optional(),
  apt: z.looseObject({}).optional(),
  swap: z.looseObject({}).optional(),
  power_state: z.looseObject({ mode: z.string().optional() }).optional(),
});

/** Keys that cloud-init knows beside those; a key in neither list is a slip, or newer than this list. */
export const FURTHER_KEYS: ReadonlySet<string> = new Set(
  `allow_public_ssh_keys ansible apk_repos apt_pipelining apt_reboot_if_required apt_update apt_upgrade autoinstall byobu_by_default
  ca-certs ca_certs chef cloud_config_modules cloud_final_modules cloud_init_modules create_hostname_file datasource datasource_list
  debug device_aliases disable_ec2_metadata disable_root_opts disk_setup drivers fan final_message fs_setup grub-dpkg grub_dpkg
  keyboard landscape launch-index locale_configfile lxd manage_resolv_conf mcollective merge_how merge_type migrate
  mount_default_fields network no_ssh_fingerprints output phone_home puppet random_seed reporting resize_rootfs resolv_conf
  rh_subscription rsyslog salt_minion snap spacewalk ssh ssh_fp_console_blacklist ssh_genkeytypes ssh_import_id ssh_keys
  ssh_key_console_blacklist ssh_publish_hostkeys ssh_quiet_keygen ssh_svcname syslog_fix_perms system_info ubuntu_advantage
  ubuntu_drivers ubuntu_pro updates vendor_data version wireguard yum_repo_dir yum_repos zypper`.split(/\s+/),
);
