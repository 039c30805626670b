import { parseProperties } from '../../api/qemu/config/property-string.js';
import type { ContainerDefinition, ContainerProcess, ContainerTerminal } from '../container-runtime.js';
import type { RuntimeHost } from '../guest-runtime.js';
import type { FileTree } from '../simulated/files/file-tree.js';
import type { Distribution } from '../simulated/images/distributions.js';
import { programs } from '../simulated/programs.js';
import { Machine, type MachineParts } from '../simulated/system/machine.js';
import type { Program } from '../simulated/system/process.js';
import { consoleShell, type SessionListener, TerminalSession } from './terminal-session.js';

/** What a container is made of while it runs. */
export interface RunningContainerParts {
  readonly host: RuntimeHost;
  readonly definition: ContainerDefinition;
  readonly tree: FileTree;
  readonly distribution: Distribution;
  readonly onPower: (action: 'poweroff' | 'reboot') => void;
}

/** A running container: a simulated system that shares the node's kernel, and its terminal session. */
export class RunningContainer {
  readonly #machine: Machine;
  readonly #pid: number;
  readonly #startedAtMs: number;
  readonly #programs: Map<string, Program>;
  #definition: ContainerDefinition;
  #session: TerminalSession | undefined;
  #halted = false;

  constructor(private readonly parts: RunningContainerParts) {
    const { host, definition, tree } = parts;
    this.#definition = definition;
    this.#startedAtMs = host.clock.now();
    this.#pid = 2000 + Math.floor(host.random() * 30_000);
    this.#programs = new Map(programs);
    this.#programs.set(consoleShell, (process, args) => this.#session?.shell(process, args) ?? 1);
    this.#programs.set('stty', (process, args) => {
      if (process.unit === this.#session?.unit) this.#session.configure(args);
      return 0;
    });
    const machineParts: MachineParts = {
      clock: host.clock,
      files: tree,
      random: host.random,
      programs: this.#programs,
      reply: () => undefined,
      hardware: {
        cpus: () => Number(this.#definition.config.cores ?? 2),
        memoryBytes: Number(definition.config.memory ?? 512) * 2 ** 20,
        diskBytes: () => 0,
        disks: () => [],
        format: () => {},
        nics: () => this.#nics().map((nic) => (nic.hwaddr ?? '').toLowerCase()),
      },
      power: parts.onPower,
    };
    this.#machine = new Machine(machineParts);
  }

  /** What PVE and init do before the first process of a person: host name and addresses. */
  boot(): void {
    const hostname = this.#definition.hostname.split('.')[0] ?? this.#definition.hostname;
    this.parts.tree.write('/etc/hostname', `${hostname}\n`);
    this.#machine.kernelHostname = hostname;
    this.#configureNetwork();
  }

  update(definition: ContainerDefinition): void {
    this.#definition = definition;
    this.#machine.kernelHostname = definition.hostname.split('.')[0] ?? definition.hostname;
    this.#configureNetwork();
  }

  halt(): void {
    this.#halted = true;
    this.#machine.halt();
  }

  describe(): ContainerProcess {
    return {
      pid: this.#pid,
      startedAtMs: this.#startedAtMs,
      definition: this.#definition,
      readings: { cpu: 0.001, mem: 868_352, disk: 2_043_904, netin: 220, netout: 516 },
    };
  }

  /** Joins the session; the first who comes starts it. A login prompt takes no password here: only `cmode: shell` leads anywhere. */
  attach(mode: 'shell' | 'tty' | 'console', listener: SessionListener): ContainerTerminal {
    if (mode !== 'shell') {
      listener.output(
        Buffer.from(
          `\r\n${this.parts.distribution.prettyName} ${this.#machine.hostname()} tty1\r\n\r\n${this.#machine.hostname()} login: `,
        ),
      );
      return { input: () => {}, detach: () => {} };
    }
    let session = this.#session;
    if (session === undefined) {
      session = new TerminalSession(this.#machine, String(this.#definition.vmid), () => {
        this.#session = undefined;
      });
      this.#session = session;
      session.attach(listener);
      if (!this.#halted) session.start();
    } else session.attach(listener);
    const joined = session;
    return { input: (bytes) => joined.type(bytes), detach: () => joined.detach(listener) };
  }

  #nics(): Readonly<Record<string, string>>[] {
    return Object.keys(this.#definition.config)
      .filter((key) => /^net\d+$/.test(key))
      .sort()
      .map((key) => parseProperties(this.#definition.config[key] ?? ''));
  }

  #configureNetwork(): void {
    const { interfaces } = this.#machine;
    interfaces.length = 0;
    for (const [index, nic] of this.#nics().entries()) {
      const addresses =
        nic.ip?.includes('/') === true
          ? [cidr(nic.ip)]
          : nic.ip === 'dhcp'
            ? [cidr(`10.0.0.${150 + (this.#definition.vmid % 90)}/24`)]
            : [];
      interfaces.push({
        name: nic.name ?? `eth${index}`,
        mac: (nic.hwaddr ?? '').toLowerCase(),
        addresses,
        up: true,
        ...(nic.gw !== undefined && { gateway: nic.gw }),
      });
    }
  }
}

function cidr(text: string) {
  const [address = '', prefix = '24'] = text.split('/');
  return {
    family: address.includes(':') ? ('ipv6' as const) : ('ipv4' as const),
    address,
    prefix: Number(prefix),
  };
}
