import { gunzipSync } from 'node:zlib';
import { installPackages, updateIndex } from '../commands/packages.js';
import { generateHostKey } from '../commands/ssh-keys.js';
import { quoteWord } from '../shell/quote.js';
import type { Machine } from '../system/machine.js';
import { runInMachine } from '../system/run-in-machine.js';
import { asList, asRecord, asText, readUserData } from './cloud-config.js';
import type { GuestSeed } from './seed.js';
import { addUsers } from './users.js';

/** The state that `cloud-init status` tells. */
export interface CloudInitStatus {
  status: 'not run' | 'running' | 'done' | 'error' | 'disabled';
  readonly errors: string[];
  readonly warnings: string[];
  bootStatus: string;
  detail: string;
  datasource: string;
}

const cloudDirectory = '/var/lib/cloud';
const logPath = '/var/log/cloud-init.log';
const outputPath = '/var/log/cloud-init-output.log';

/** What a test wants to go wrong. */
export interface CloudInitFailure {
  readonly module: string;
  readonly log: string;
}

/** cloud-init at work in a simulated guest: what it was given, and how far it is. */
export class CloudInit {
  readonly status: CloudInitStatus = {
    status: 'not run',
    errors: [],
    warnings: [],
    bootStatus: 'enabled-by-generator',
    detail: '',
    datasource: '',
  };
  readonly finished: Promise<void>;
  #resolve: () => void = () => {};

  constructor(
    private readonly machine: Machine,
    private readonly seed: GuestSeed | undefined,
    private readonly defaultUser: string,
  ) {
    this.finished = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get instanceId(): string {
    const meta = this.seed?.metaData ?? '';
    return /"?(?:instance-id|uuid)"?:\s*"?([^"\n,]+)"?/.exec(meta)?.[1]?.trim() ?? 'iid-datasource-none';
  }

  /** Is it the first boot of this instance? */
  get isNewInstance(): boolean {
    return this.machine.files.readIfThere(`${cloudDirectory}/data/instance-id`)?.trim() !== this.instanceId;
  }

  #log(text: string): void {
    const { machine } = this;
    const time = new Date(machine.clock.now())
      .toISOString()
      .replace('T', ' ')
      .replace('Z', '')
      .replace('.', ',');
    machine.files.makeDirectory('/var/log', { parents: true });
    machine.files.write(logPath, `${time} - ${text}\n`, { append: true });
  }

  #output(text: string): void {
    this.machine.files.write(outputPath, text, { append: true });
  }

  #error(module: string, text: string): void {
    this.status.errors.push(text);
    this.#log(`${module}[ERROR]: ${text}`);
  }

  /** Early: host name, before the network and the agent are there. */
  early(): void {
    const meta = this.seed?.metaData ?? '';
    const { config } = readUserData(this.seed?.userData ?? '');
    const name =
      asText(config.fqdn) ??
      asText(config.hostname) ??
      /"?local-hostname"?:\s*"?([^"\n,]+)"?/.exec(meta)?.[1]?.trim();
    if (name === undefined || config.preserve_hostname === true || !this.isNewInstance) return;
    this.#setHostname(asText(config.hostname) ?? name.split('.')[0] ?? name, name, config.manage_etc_hosts);
  }

  #setHostname(hostname: string, fqdn: string, manageHosts: unknown): void {
    const { files } = this.machine;
    const short = hostname.split('.')[0] ?? hostname;
    files.write('/etc/hostname', `${short}\n`);
    this.machine.kernelHostname = short;
    if (manageHosts === true || manageHosts === 'true' || manageHosts === 'localhost') {
      const name = fqdn === short ? short : `${fqdn} ${short}`;
      files.write(
        '/etc/hosts',
        `127.0.1.1 ${name}\n127.0.0.1 localhost\n\n::1 localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n`,
      );
    }
  }

  /** All stages after the network is up. */
  async run(failure: CloudInitFailure | undefined, workMs: number): Promise<void> {
    const { machine, status } = this;
    const { files } = machine;
    if (files.exists('/etc/cloud/cloud-init.disabled')) {
      status.status = 'disabled';
      this.#resolve();
      return;
    }
    status.status = 'running';
    status.datasource =
      this.seed === undefined
        ? 'DataSourceNone'
        : this.seed.source === 'nocloud'
          ? 'DataSourceNoCloud [seed=/dev/sr0]'
          : 'DataSourceConfigDrive';
    status.detail = status.datasource;
    this.#output(
      `Cloud-init v. 25.2 running 'modules:config' at boot. Up ${machine.uptimeSeconds().toFixed(2)} seconds.\n`,
    );
    const isNew = this.isNewInstance;
    files.makeDirectory(`${cloudDirectory}/data`, { parents: true });
    for (const name of ['per-boot', 'per-instance', 'per-once'])
      files.makeDirectory(`${cloudDirectory}/scripts/${name}`, { parents: true });
    const instance = `${cloudDirectory}/instances/${this.instanceId}`;
    files.makeDirectory(`${instance}/sem`, { parents: true });
    files.write(`${instance}/user-data.txt`, this.seed?.userData ?? '', { mode: 0o600 });
    files.write(`${instance}/cloud-config.txt`, this.seed?.userData ?? '', { mode: 0o600 });
    if (files.stat(`${cloudDirectory}/instance`, false) !== undefined)
      files.remove(`${cloudDirectory}/instance`);
    files.link(instance, `${cloudDirectory}/instance`);
    files.write(
      `${cloudDirectory}/data/previous-instance-id`,
      files.readIfThere(`${cloudDirectory}/data/instance-id`) ?? 'NO_PREVIOUS_INSTANCE_ID\n',
    );
    files.write(`${cloudDirectory}/data/instance-id`, `${this.instanceId}\n`);
    const user = readUserData(this.seed?.userData ?? '');
    const vendor = readUserData(this.seed?.vendorData ?? '');
    for (const problem of user.problems) {
      status.warnings.push(problem);
      this.#log(`util.py[WARNING]: ${problem}`);
    }
    const config = { ...vendor.config, ...user.config };
    await this.#commands('bootcmd', config.bootcmd);
    if (isNew) await this.#perInstance(config);
    await this.#scripts(`${cloudDirectory}/scripts/per-boot`);
    if (isNew) {
      await this.#commands('runcmd', config.runcmd);
      for (const script of user.scripts) await this.#runText('scripts_user', script);
      await this.#scripts(`${cloudDirectory}/scripts/per-instance`);
    }
    if (failure !== undefined) {
      this.#output(`${failure.log}\n`);
      this.#error(`cc_${failure.module}.py`, `('${failure.module}', ${failure.log})`);
    }
    await machine.sleep(workMs, new AbortController().signal);
    const message = asText(config.final_message);
    this.#output(
      `${message ?? `Cloud-init v. 25.2 finished at ${new Date(machine.clock.now()).toUTCString()}. Datasource ${status.datasource}.  Up ${machine.uptimeSeconds().toFixed(2)} seconds`}\n`,
    );
    status.status = status.errors.length > 0 ? 'error' : 'done';
    files.makeDirectory('/run/cloud-init', { parents: true });
    files.write(
      '/run/cloud-init/result.json',
      `${JSON.stringify({ v1: { datasource: status.datasource, errors: status.errors } }, null, 1)}\n`,
    );
    files.write(
      `${instance}/boot-finished`,
      `${machine.uptimeSeconds().toFixed(2)} - ${new Date(machine.clock.now()).toUTCString()}\n`,
    );
    this.#resolve();
    this.#powerState(config.power_state, isNew);
  }

  async #perInstance(config: Readonly<Record<string, unknown>>): Promise<void> {
    const { machine } = this;
    const step = async (module: string, work: () => void | Promise<void>) => {
      try {
        await work();
      } catch (error) {
        this.#error(
          `cc_${module}.py`,
          `('${module}', ${error instanceof Error ? error.message : String(error)})`,
        );
      }
    };
    const files = (deferred: boolean) => {
      for (const item of asList(config.write_files))
        if ((asRecord(item).defer === true) === deferred) this.#writeFile(asRecord(item));
    };
    await step('write_files', () => files(false));
    await step('users_groups', () => addUsers(machine, config, this.defaultUser));
    await step('ssh', () => this.#hostKeys(config));
    await step('ca_certs', () => this.#caCertificates(asRecord(config.ca_certs ?? config['ca-certs'])));
    await step('locale', () => {
      const locale = asText(config.locale);
      if (locale !== undefined) machine.files.write('/etc/default/locale', `LANG=${locale}\n`);
    });
    await step('timezone', () => {
      const zone = asText(config.timezone);
      if (zone !== undefined) setTimezone(machine, zone);
    });
    await step('apt_configure', () => this.#aptSources(asRecord(config.apt)));
    await step('package_update_upgrade_install', async () => {
      if (
        config.package_update === true ||
        config.package_upgrade === true ||
        asList(config.packages).length > 0
      )
        updateIndex(machine);
      const names = asList(config.packages).map((item) =>
        Array.isArray(item) ? String(item[0]) : String(item),
      );
      if (names.length === 0) return;
      await machine.sleep(500 * names.length, new AbortController().signal);
      const { missing, log } = installPackages(machine, names);
      this.#output(log);
      if (missing.length > 0) {
        for (const name of missing) this.#output(`E: Unable to locate package ${name}\n`);
        throw new Error(
          `Failed to install the following packages: ${missing.join(', ')}. See associated package manager logs for more details`,
        );
      }
    });
    await step('write_files_deferred', () => files(true));
  }

  #writeFile(item: Record<string, unknown>): void {
    const path = asText(item.path);
    if (path === undefined) return;
    const { machine } = this;
    const encoding = (asText(item.encoding) ?? 'text/plain').toLowerCase();
    let content = asText(item.content) ?? '';
    if (/b64|base64/.test(encoding)) content = Buffer.from(content, 'base64').toString('latin1');
    if (/gz|gzip/.test(encoding)) content = gunzipSync(Buffer.from(content, 'latin1')).toString('latin1');
    const [owner = 'root', group = owner] = (asText(item.owner) ?? 'root:root').split(':');
    const user = machine.accounts.user(owner);
    machine.files.makeDirectory(path.replace(/\/[^/]*$/, '') || '/', { parents: true });
    const permissions = item.permissions;
    const mode =
      typeof permissions === 'number' ? permissions : Number.parseInt(asText(permissions) ?? '0644', 8);
    machine.files.write(path, content, {
      append: item.append === true,
      mode,
      uid: user?.uid ?? 0,
      gid: machine.accounts.group(group)?.gid ?? 0,
    });
    machine.files.change(path, {
      uid: user?.uid ?? 0,
      gid: machine.accounts.group(group)?.gid ?? user?.gid ?? 0,
    });
  }

  #hostKeys(config: Readonly<Record<string, unknown>>): void {
    const { files, random } = this.machine;
    if (!files.isDirectory('/etc/ssh')) return;
    const types = asList(config.ssh_genkeytypes).map(String);
    if (config.ssh_deletekeys !== false) {
      for (const name of files.list('/etc/ssh'))
        if (/^ssh_host_.*key(\.pub)?$/.test(name)) files.remove(`/etc/ssh/${name}`);
    }
    for (const type of types.length > 0 ? types : ['rsa', 'ecdsa', 'ed25519']) {
      const path = `/etc/ssh/ssh_host_${type}_key`;
      if (!files.exists(path)) generateHostKey(files, path, type, random, this.machine.hostname());
    }
  }

  #caCertificates(certificates: Record<string, unknown>): void {
    const { files } = this.machine;
    const trusted = asList(certificates.trusted).map(String);
    for (const [index, certificate] of trusted.entries()) {
      files.write(`/usr/local/share/ca-certificates/cloud-init-ca-cert-${index + 1}.crt`, certificate);
      files.write('/etc/ssl/certs/ca-certificates.crt', certificate, { append: true });
    }
  }

  #aptSources(apt: Record<string, unknown>): void {
    const { files } = this.machine;
    if (!files.isDirectory('/etc/apt')) return;
    for (const [name, value] of Object.entries(asRecord(apt.sources))) {
      const source = asText(asRecord(value).source);
      if (source !== undefined)
        files.write(`/etc/apt/sources.list.d/${name.replace(/\.list$/, '')}.list`, `${source}\n`);
    }
    const list = asText(apt.sources_list);
    if (list !== undefined) files.write('/etc/apt/sources.list', list);
    const conf = asText(apt.conf);
    if (conf !== undefined) files.write('/etc/apt/apt.conf.d/94cloud-init-config', conf);
  }

  async #commands(module: string, commands: unknown): Promise<void> {
    const items = asList(commands);
    if (items.length === 0) return;
    const lines = items.map((item) =>
      Array.isArray(item) ? item.map((word) => quoteWord(String(word))).join(' ') : String(item),
    );
    const script = `#!/bin/sh\n${lines.join('\n')}\n`;
    await this.#runText(module, script);
  }

  async #runText(module: string, script: string): Promise<void> {
    const { files } = this.machine;
    const directory = `${cloudDirectory}/instance/scripts`;
    files.makeDirectory(directory, { parents: true });
    const path = `${directory}/${module}`;
    files.write(path, script, { mode: 0o700 });
    await this.#runFile(module === 'bootcmd' ? 'bootcmd' : 'scripts_user', path);
  }

  async #scripts(directory: string): Promise<void> {
    const { files } = this.machine;
    if (!files.isDirectory(directory)) return;
    for (const name of files.list(directory))
      await this.#runFile(
        directory.endsWith('per-boot') ? 'scripts_per_boot' : 'scripts_per_instance',
        `${directory}/${name}`,
      );
  }

  async #runFile(module: string, path: string): Promise<void> {
    const result = await runInMachine(this.machine, [path], {
      unit: 'cloud-final.service',
      onOutput: (text) => this.#output(text),
    });
    if (result.code === 0) return;
    const text = `Failed to run module ${module.replaceAll('_', '-')} (scripts in ${path.replace(/\/[^/]*$/, '')})`;
    this.#output(`${text}\n`);
    this.#error(
      `cc_${module}.py`,
      `('${module}', RuntimeError('Runparts: 1 failures (${path.replace(/^.*\//, '')}) in 1 attempted commands'))`,
    );
  }

  #powerState(value: unknown, isNew: boolean): void {
    const mode = asText(asRecord(value).mode);
    if (!isNew || mode === undefined) return;
    this.machine.parts.power(mode === 'reboot' ? 'reboot' : 'poweroff');
  }
}

/** Sets the time zone as timedatectl does. */
export function setTimezone(machine: Machine, zone: string): void {
  const { files } = machine;
  files.write('/etc/timezone', `${zone}\n`);
  if (files.stat('/etc/localtime', false) !== undefined) files.remove('/etc/localtime');
  files.link(`/usr/share/zoneinfo/${zone}`, '/etc/localtime');
}
