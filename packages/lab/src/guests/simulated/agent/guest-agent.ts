import type { JsonObject, JsonValue } from '../../../state/json.js';
import { type AgentCommand, GuestAgentError } from '../../guest-runtime.js';
import { hashPassword } from '../boot/users.js';
import { FileError } from '../files/file-node.js';
import type { Distribution } from '../images/distributions.js';
import { collectOutput, textInput } from '../shell/streams.js';
import type { Machine } from '../system/machine.js';
import type { Process } from '../system/process.js';
import { serviceEnvironment } from '../system/run-in-machine.js';
import { agentCommandNames } from './agent-commands.js';

const streamLimit = 16 * 2 ** 20;
const agentUnit = 'qemu-guest-agent.service';

interface Execution {
  readonly process: Process;
  readonly stdout: ReturnType<typeof collectOutput>;
  readonly stderr: ReturnType<typeof collectOutput>;
}

interface Handle {
  readonly path: string;
  readonly mode: string;
  offset: number;
}

/** The QEMU guest agent of a simulated guest: its own protocol (qga/qapi-schema.json) on the guest's machine. */
export class GuestAgent {
  readonly #executions = new Map<number, Execution>();
  readonly #handles = new Map<number, Handle>();
  #nextHandle = 1000;
  #frozen = false;

  constructor(
    private readonly machine: Machine,
    private readonly distribution: Distribution,
    private readonly isVirtual: boolean,
  ) {}

  /** Carries out a command. @throws GuestAgentError */
  async run(command: AgentCommand): Promise<JsonValue> {
    const args = command.arguments ?? {};
    switch (command.execute) {
      case 'guest-ping':
      case 'guest-sync':
        return {};
      case 'guest-exec':
        return this.#exec(args);
      case 'guest-exec-status':
        return this.#execStatus(args);
      case 'guest-file-open':
        return this.#open(args);
      case 'guest-file-read':
        return this.#read(args);
      case 'guest-file-write':
        return this.#write(args);
      case 'guest-file-seek':
        return this.#seek(args);
      case 'guest-file-close':
        this.#handles.delete(this.#handleOf(args).id);
        return {};
      case 'guest-file-flush':
        return {};
      case 'guest-get-host-name':
        return { 'host-name': this.machine.hostname() };
      case 'guest-get-time':
        return this.machine.clock.now() * 1e6;
      case 'guest-get-timezone':
        return { zone: 'UTC', offset: 0 };
      case 'guest-get-users':
        return [];
      case 'guest-get-osinfo':
        return this.#osInfo();
      case 'guest-info':
        return {
          version: '8.2.2',
          supported_commands: agentCommandNames.map((name) => ({
            name,
            enabled: true,
            'success-response': !/suspend|shutdown/.test(name),
          })),
        };
      case 'guest-get-vcpus':
        return Array.from({ length: this.machine.parts.hardware.cpus() }, (_, index) => ({
          'logical-id': index,
          online: true,
          'can-offline': index > 0,
        }));
      case 'guest-get-memory-blocks': {
        const blocks = Math.max(1, Math.round(this.machine.parts.hardware.memoryBytes / 2 ** 27));
        return Array.from({ length: blocks }, (_, index) => ({
          'phys-index': index,
          online: true,
          'can-offline': true,
        }));
      }
      case 'guest-get-memory-block-info':
        return { size: 2 ** 27 };
      case 'guest-get-fsinfo':
        return this.#fileSystems();
      case 'guest-network-get-interfaces':
        return this.#interfaces();
      case 'guest-fsfreeze-status':
        return this.#frozen ? 'frozen' : 'thawed';
      case 'guest-fsfreeze-freeze':
        this.#frozen = true;
        return this.distribution.full ? 1 : 0;
      case 'guest-fsfreeze-thaw':
        this.#frozen = false;
        return this.distribution.full ? 1 : 0;
      case 'guest-fstrim':
        return { paths: this.distribution.full ? [{ path: '/', minimum: 0, trimmed: 2 ** 20 }] : [] };
      case 'guest-set-user-password':
        return this.#setPassword(args);
      case 'guest-shutdown':
        this.machine.parts.power(args.mode === 'reboot' ? 'reboot' : 'poweroff');
        return null;
      case 'guest-suspend-disk':
      case 'guest-suspend-ram':
      case 'guest-suspend-hybrid':
        throw new GuestAgentError('Unsupported', 'this feature or command is not currently supported');
      default:
        throw new GuestAgentError('CommandNotFound', `The command ${command.execute} has not been found`);
    }
  }

  #exec(args: JsonObject): JsonValue {
    const { machine } = this;
    const path = String(args.path ?? '');
    const bytes = (value: JsonValue) => Buffer.from(String(value)).toString('latin1');
    const argv = [bytes(path), ...(Array.isArray(args.arg) ? args.arg.map(bytes) : [])];
    const env = new Map(serviceEnvironment);
    if (Array.isArray(args.env)) {
      env.clear();
      for (const pair of args.env.map(bytes))
        env.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const found = machine.findProgram(argv[0] ?? '', env.get('PATH') ?? '/usr/bin:/bin', '/');
    if (found.kind === 'missing' || found.kind === 'denied') {
      const reason = found.kind === 'denied' ? 'Permission denied' : 'No such file or directory';
      throw new GuestAgentError(
        'GenericError',
        `Guest agent command failed, error was 'Failed to execute child process “${path}” (${reason})'`,
      );
    }
    const input =
      args['input-data'] === undefined
        ? ''
        : Buffer.from(String(args['input-data']), 'base64').toString('latin1');
    const stdout = collectOutput(streamLimit);
    const stderr = collectOutput(streamLimit);
    const process = machine.spawn(
      {
        argv,
        env,
        cwd: '/',
        uid: 0,
        gid: 0,
        unit: agentUnit,
        files: new Map([
          [0, textInput(input)],
          [1, stdout.file],
          [2, stderr.file],
        ]),
      },
      found,
    );
    process.session = process.pid;
    this.#executions.set(process.pid, { process, stdout, stderr });
    return { pid: process.pid };
  }

  async #execStatus(args: JsonObject): Promise<JsonValue> {
    const pid = Number(args.pid);
    const execution = this.#executions.get(pid);
    if (execution === undefined) throw new GuestAgentError('InvalidParameter', "Invalid parameter 'pid'");
    const { process, stdout, stderr } = execution;
    if (process.status === undefined && this.isVirtual) await this.#letTimePass(process);
    const { status } = process;
    if (status === undefined) return { exited: false };
    this.#executions.delete(pid);
    const answer: JsonObject = { exited: true };
    if (status.signal !== undefined) answer.signal = status.signal;
    else answer.exitcode = status.code;
    for (const [name, stream] of [
      ['out', stdout],
      ['err', stderr],
    ] as const) {
      const text = stream.text();
      if (text === '') continue;
      answer[`${name}-data`] = Buffer.from(text, 'latin1').toString('base64');
      answer[`${name}-truncated`] = stream.truncated();
    }
    return answer;
  }

  /** Under a virtual clock, whoever polls makes time pass: up to a second, or until the process ends. */
  async #letTimePass(process: Process): Promise<void> {
    const { machine } = this;
    for (let turn = 0; turn < 20 && process.status === undefined; turn += 1)
      await new Promise<void>((resolve) => setImmediate(resolve));
    if (process.status !== undefined) return;
    const next = machine.untilNextWake();
    if (next === undefined)
      await Promise.race([process.exited, new Promise<void>((resolve) => setTimeout(resolve, 5))]);
    else await machine.clock.sleep(Math.min(1000, next + 1));
    for (let turn = 0; turn < 20 && process.status === undefined; turn += 1)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #handleOf(args: JsonObject): { id: number; handle: Handle } {
    const id = Number(args.handle);
    const handle = this.#handles.get(id);
    if (handle === undefined) throw new GuestAgentError('GenericError', `handle '${id}' has not been found`);
    return { id, handle };
  }

  #open(args: JsonObject): JsonValue {
    const path = Buffer.from(String(args.path)).toString('latin1');
    const mode = String(args.mode ?? 'r');
    const { files } = this.machine;
    try {
      if (mode.startsWith('r')) files.read(path);
      else if (mode.startsWith('w')) files.write(path, '');
      else files.write(path, '', { append: true });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      throw new GuestAgentError(
        'GenericError',
        `failed to open file '${String(args.path)}' (mode: '${mode}'): ${error.message}`,
      );
    }
    this.#nextHandle += 1;
    this.#handles.set(this.#nextHandle, {
      path,
      mode,
      offset: mode.startsWith('a') ? files.read(path).length : 0,
    });
    return this.#nextHandle;
  }

  #read(args: JsonObject): JsonValue {
    const { handle } = this.#handleOf(args);
    const content = this.machine.files.readIfThere(handle.path) ?? '';
    const piece = content.slice(handle.offset, handle.offset + Number(args.count ?? 4096));
    handle.offset += piece.length;
    return {
      count: piece.length,
      'buf-b64': Buffer.from(piece, 'latin1').toString('base64'),
      eof: handle.offset >= content.length,
    };
  }

  #write(args: JsonObject): JsonValue {
    const { handle } = this.#handleOf(args);
    const bytes = Buffer.from(String(args['buf-b64'] ?? ''), 'base64').toString('latin1');
    const before = this.machine.files.readIfThere(handle.path) ?? '';
    this.machine.files.write(
      handle.path,
      before.slice(0, handle.offset) + bytes + before.slice(handle.offset + bytes.length),
    );
    handle.offset += bytes.length;
    return { count: bytes.length, eof: false };
  }

  #seek(args: JsonObject): JsonValue {
    const { handle } = this.#handleOf(args);
    const length = (this.machine.files.readIfThere(handle.path) ?? '').length;
    const offset = Number(args.offset ?? 0);
    const { whence } = args;
    handle.offset =
      whence === 'cur' || whence === 1
        ? handle.offset + offset
        : whence === 'end' || whence === 2
          ? length + offset
          : offset;
    return { position: handle.offset, eof: false };
  }

  #osInfo(): JsonValue {
    const { id, name, prettyName, versionId, codename, kernelRelease, kernelVersion } = this.distribution;
    return {
      id,
      name,
      'pretty-name': prettyName,
      version: codename === '' ? versionId : `${versionId} (${codename})`,
      'version-id': versionId,
      machine: 'x86_64',
      'kernel-release': kernelRelease,
      'kernel-version': kernelVersion,
    };
  }

  #fileSystems(): JsonValue {
    if (!this.distribution.full) return [];
    const total = this.machine.parts.hardware.diskBytes();
    return [
      {
        name: 'sda1',
        mountpoint: '/',
        type: 'ext4',
        'total-bytes': total,
        'used-bytes': Math.min(Math.floor(total / 2), Math.floor(1.6 * 2 ** 30)),
        disk: [
          {
            'bus-type': 'scsi',
            bus: 0,
            target: 0,
            unit: 0,
            dev: '/dev/sda1',
            'pci-controller': { domain: 0, bus: 0, slot: 5, function: 0 },
          },
        ],
      },
    ];
  }

  #interfaces(): JsonValue {
    const statistics: JsonObject = {
      'rx-bytes': 0,
      'rx-packets': 0,
      'rx-errs': 0,
      'rx-dropped': 0,
      'tx-bytes': 0,
      'tx-packets': 0,
      'tx-errs': 0,
      'tx-dropped': 0,
    };
    const loopback: JsonObject = {
      name: 'lo',
      'hardware-address': '00:00:00:00:00:00',
      'ip-addresses': [
        { 'ip-address': '127.0.0.1', 'ip-address-type': 'ipv4', prefix: 8 },
        { 'ip-address': '::1', 'ip-address-type': 'ipv6', prefix: 128 },
      ],
      statistics,
    };
    return [
      loopback,
      ...this.machine.interfaces.map((nic): JsonObject => {
        const shown: JsonObject = { name: nic.name, 'hardware-address': nic.mac };
        if (!nic.up) return shown;
        shown['ip-addresses'] = nic.addresses.map((address) => ({
          'ip-address': address.address,
          'ip-address-type': address.family,
          prefix: address.prefix,
        }));
        shown.statistics = {
          ...statistics,
          'rx-bytes': 110,
          'rx-packets': 1,
          'tx-bytes': 656,
          'tx-packets': 8,
        };
        return shown;
      }),
    ];
  }

  #setPassword(args: JsonObject): JsonValue {
    const { machine } = this;
    const found = machine.findProgram('passwd', '/usr/sbin:/usr/bin:/sbin:/bin', '/');
    if (found.kind === 'missing')
      throw new GuestAgentError('GenericError', "cannot find 'passwd' program in PATH");
    const name = String(args.username);
    if (machine.accounts.user(name) === undefined) {
      throw new GuestAgentError(
        'GenericError',
        `child process has failed to set user password with error: chpasswd: (user ${name}) pam_chauthtok() failed`,
      );
    }
    const password = Buffer.from(String(args.password), 'base64').toString('latin1');
    machine.accounts.setPassword(
      name,
      args.crypted === true ? password : hashPassword(password, machine.random),
    );
    return {};
  }
}
