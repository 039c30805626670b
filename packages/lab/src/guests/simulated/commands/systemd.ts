import { textInput } from '../shell/streams.js';
import type { Machine } from '../system/machine.js';
import type { Process, Program } from '../system/process.js';
import { runInMachine, serviceEnvironment } from '../system/run-in-machine.js';
import { Units } from '../system/units.js';
import { parseOptions } from './options.js';

/** Splits a command line of a unit file into words. */
function execWords(line: string): string[] {
  const words = line.replace(/^[-@+!:]+/, '').match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^["'](.*)["']$/, '$1'));
}

/**
 * Starts a unit. Daemons of packages are not run: they are active because their unit is. A unit that the guest itself has written runs its
 * ExecStart, so that a script behind it does what it does.
 */
export function startUnit(machine: Machine, unit: string): Promise<boolean> {
  const service = machine.units.section(unit, 'Service');
  const description = machine.units.section(unit, 'Unit').get('Description') ?? unit;
  const exec = service.get('ExecStart');
  const path = machine.units.path(unit) ?? '';
  const own = path.startsWith('/etc/systemd/') || path.startsWith('/run/systemd/');
  if (!own || exec === undefined || !unit.endsWith('.service')) {
    const sub = unit.endsWith('.service')
      ? service.get('Type') === 'oneshot'
        ? 'exited'
        : 'running'
      : unit.endsWith('.timer')
        ? 'waiting'
        : unit.endsWith('.socket')
          ? 'listening'
          : 'active';
    machine.units.set(unit, {
      active: 'active',
      sub,
      result: 'success',
      exitCode: 0,
      mainPid: sub === 'running' ? machine.newPid() : 0,
      description,
    });
    return Promise.resolve(true);
  }
  return runService(
    machine,
    unit,
    exec.split('\n'),
    {
      oneshot: service.get('Type') === 'oneshot',
      remain: service.get('RemainAfterExit') === 'yes' || service.get('RemainAfterExit') === 'true',
      environment: service.get('Environment'),
      cwd: service.get('WorkingDirectory'),
    },
    description,
  );
}

interface ServiceRun {
  readonly oneshot: boolean;
  readonly remain: boolean;
  readonly environment?: string | undefined;
  readonly cwd?: string | undefined;
}

async function runService(
  machine: Machine,
  unit: string,
  commands: readonly string[],
  how: ServiceRun,
  description: string,
): Promise<boolean> {
  machine.units.set(unit, {
    active: how.oneshot ? 'activating' : 'active',
    sub: how.oneshot ? 'start' : 'running',
    result: 'success',
    exitCode: 0,
    description,
  });
  const env = new Map(serviceEnvironment);
  for (const pair of execWords(how.environment ?? '')) {
    const equals = pair.indexOf('=');
    if (equals > 0) env.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  const work = async (): Promise<boolean> => {
    for (const command of commands) {
      const result = await runInMachine(machine, execWords(command), {
        unit,
        env,
        ...(how.cwd !== undefined && { cwd: how.cwd }),
      });
      if (machine.units.state(unit)?.active === 'inactive') return false;
      if (result.code !== 0 && !command.startsWith('-')) {
        machine.units.set(unit, {
          active: 'failed',
          sub: 'failed',
          result: 'exit-code',
          exitCode: result.code,
          mainPid: 0,
        });
        return false;
      }
    }
    if (how.oneshot && how.remain) machine.units.set(unit, { active: 'active', sub: 'exited', mainPid: 0 });
    else machine.units.set(unit, { active: 'inactive', sub: 'dead', mainPid: 0 });
    return true;
  };
  if (how.oneshot) return work();
  void work();
  return true;
}

/** Stops a unit with all its processes. */
export function stopUnit(machine: Machine, unit: string): void {
  machine.killUnit(unit);
  machine.units.set(unit, { active: 'inactive', sub: 'dead', mainPid: 0 });
}

const valued = [
  't',
  'type',
  'state',
  'p',
  'property',
  's',
  'signal',
  'n',
  'lines',
  'o',
  'output',
  'kill-who',
  'kill-whom',
  'job-mode',
  'H',
  'M',
];

/** The program `systemctl`. */
const systemctl: Program = async (process, args) => {
  const { flags, values, all, operands } = parseOptions(args, valued);
  const [command = 'list-units', ...names] = operands;
  const units = names.flatMap((name) =>
    name.includes('*')
      ? [...process.machine.units.all().keys()].filter((unit) => unit.startsWith(name.replace(/\*.*$/, '')))
      : [Units.fullName(name)],
  );
  const quiet = flags.has('q') || flags.has('quiet');
  const { machine } = process;
  let code = 0;
  switch (command) {
    case 'daemon-reload':
    case 'daemon-reexec':
    case 'reset-failed':
      if (command === 'reset-failed')
        for (const unit of units)
          if (machine.units.state(unit)?.active === 'failed')
            machine.units.set(unit, { active: 'inactive', sub: 'dead', result: 'success' });
      return 0;
    case 'is-system-running':
      await process.out('running\n');
      return 0;
    case 'is-active':
    case 'is-failed':
      for (const unit of units) {
        const active = machine.units.state(unit)?.active ?? 'inactive';
        if (!quiet) await process.out(`${active}\n`);
        if (command === 'is-active' ? active !== 'active' : active !== 'failed')
          code = command === 'is-active' ? (machine.units.isKnown(unit) ? 3 : 4) : 1;
      }
      return command === 'is-active' && code === 4 ? 4 : code;
    case 'is-enabled':
      for (const unit of units) {
        const enablement = machine.units.enablement(unit);
        if (enablement === undefined) {
          if (!quiet)
            await process.err(`Failed to get unit file state for ${unit}: No such file or directory\n`);
          code = 1;
          continue;
        }
        if (!quiet) await process.out(`${enablement}\n`);
        if (enablement === 'disabled' || enablement === 'masked') code = 1;
      }
      return code;
    case 'poweroff':
    case 'halt':
    case 'reboot':
      machine.parts.power(command === 'reboot' ? 'reboot' : 'poweroff');
      return 0;
    case 'list-units':
    case 'list-unit-files':
    case 'list-timers':
      for (const [unit, state] of machine.units.all()) {
        if (names.length === 0 || units.includes(unit))
          await process.out(`${unit} loaded ${state.active} ${state.sub} ${state.description}\n`);
      }
      return 0;
    case 'show':
      return show(process, units, values.get('p') ?? values.get('property'), flags.has('value'), [
        ...(all.get('p') ?? []),
        ...(all.get('property') ?? []),
      ]);
    case 'status':
      return status(process, units);
    case 'cat':
      for (const unit of units) {
        const path = machine.units.path(unit);
        if (path === undefined) code = await process.fail(`No files found for ${unit}.`);
        else await process.out(`# ${path}\n${machine.files.readIfThere(path) ?? ''}`);
      }
      return code;
    case 'get-default':
      await process.out('graphical.target\n');
      return 0;
    case 'set-default':
    case 'isolate':
    case 'import-environment':
    case 'set-property':
      return 0;
    case 'kill':
      for (const unit of units) machine.killUnit(unit, 9);
      return 0;
    default:
      return change(process, command, units, flags);
  }
};

async function change(
  process: Process,
  command: string,
  units: readonly string[],
  flags: ReadonlySet<string>,
): Promise<number> {
  const { machine } = process;
  let code = 0;
  for (const unit of units) {
    if (!machine.units.isKnown(unit) && command !== 'mask') {
      const text =
        command === 'enable' || command === 'disable' || command === 'reenable'
          ? `Failed to ${command} unit: Unit file ${unit} does not exist.\n`
          : `Failed to ${command} ${unit}: Unit ${unit} not found.\n`;
      await process.err(text);
      code = command === 'stop' || command === 'start' || command === 'restart' ? 5 : 1;
      continue;
    }
    const start = () => begin(process, unit, flags.has('no-block'));
    switch (command) {
      case 'start':
      case 'reload-or-restart':
      case 'restart':
      case 'try-restart':
      case 'condrestart':
        if (machine.units.isMasked(unit)) {
          await process.err(`Failed to ${command} ${unit}: Unit ${unit} is masked.\n`);
          code = 1;
          break;
        }
        if (command !== 'start') stopUnit(machine, unit);
        else if (machine.units.state(unit)?.active === 'active') break;
        code = Math.max(code, await start());
        break;
      case 'reload':
        break;
      case 'stop':
        stopUnit(machine, unit);
        break;
      case 'enable':
      case 'reenable':
        for (const { link, target } of machine.units.enable(unit))
          if (!flags.has('quiet'))
            await process.err(`Created symlink ${link} → ${target}.\n`.replace('→', '\xe2\x86\x92'));
        if (machine.units.enablement(unit) === 'static')
          await process.err(
            'The unit files have no installation config (WantedBy=, RequiredBy=, UpheldBy=,\nAlso=, or Alias= settings in the [Install] section, and DefaultInstance= for\ntemplate units). This means they are not meant to be enabled or disabled using systemctl.\n',
          );
        if (flags.has('now')) code = Math.max(code, await start());
        break;
      case 'disable':
        for (const link of machine.units.disable(unit)) await process.err(`Removed "${link}".\n`);
        if (flags.has('now')) stopUnit(machine, unit);
        break;
      case 'mask': {
        const path = `/etc/systemd/system/${unit}`;
        if (machine.files.stat(path, false) !== undefined) machine.files.remove(path);
        machine.files.link('/dev/null', path);
        if (flags.has('now')) stopUnit(machine, unit);
        break;
      }
      case 'unmask':
        if (machine.units.isMasked(unit)) machine.files.remove(`/etc/systemd/system/${unit}`);
        break;
      default:
        await process.err(`Unknown command verb '${command}'.\n`);
        return 1;
    }
  }
  return code;
}

async function begin(process: Process, unit: string, noBlock: boolean): Promise<number> {
  const started = startUnit(process.machine, unit);
  if (noBlock || (await started)) return 0;
  await process.err(
    `Job for ${unit} failed because the control process exited with error code.\nSee "systemctl status ${unit}" and "journalctl -xeu ${unit}" for details.\n`,
  );
  return 1;
}

async function show(
  process: Process,
  units: readonly string[],
  property: string | undefined,
  valueOnly: boolean,
  repeated: readonly string[],
): Promise<number> {
  const { machine } = process;
  for (const unit of units) {
    const state = machine.units.state(unit);
    const known = machine.units.isKnown(unit);
    const fields: Readonly<Record<string, string>> = {
      Id: unit,
      LoadState: machine.units.isMasked(unit) ? 'masked' : known ? 'loaded' : 'not-found',
      ActiveState: state?.active ?? 'inactive',
      SubState: state?.sub ?? 'dead',
      Result: state?.result ?? 'success',
      ExecMainStatus: String(state?.exitCode ?? 0),
      ExecMainCode: '1',
      MainPID: String(state?.mainPid ?? 0),
      UnitFileState: machine.units.enablement(unit) ?? '',
      FragmentPath: machine.units.path(unit) ?? '',
      Description: state?.description ?? unit,
      NRestarts: '0',
    };
    const wanted = (
      repeated.length > 0 ? repeated : property === undefined ? Object.keys(fields) : [property]
    ).flatMap((name) => name.split(','));
    for (const name of wanted)
      await process.out(valueOnly ? `${fields[name] ?? ''}\n` : `${name}=${fields[name] ?? ''}\n`);
  }
  return 0;
}

async function status(process: Process, units: readonly string[]): Promise<number> {
  let code = 0;
  for (const unit of units) {
    const state = process.machine.units.state(unit);
    if (!process.machine.units.isKnown(unit)) {
      await process.err(`Unit ${unit} could not be found.\n`);
      code = 4;
      continue;
    }
    const active = state?.active ?? 'inactive';
    await process.out(
      `* ${unit} - ${state?.description ?? unit}\n     Loaded: loaded (${process.machine.units.path(unit) ?? ''}; ${process.machine.units.enablement(unit) ?? 'static'})\n     Active: ${active} (${state?.sub ?? 'dead'})\n`,
    );
    if (active !== 'active' && code === 0) code = 3;
  }
  return code;
}

/** The program `systemd-run`: a command as a transient unit with a control group of its own. */
const systemdRun: Program = async (process, args) => {
  const { flags, values, all, operands } = parseOptions(
    args,
    [
      'u',
      'unit',
      'p',
      'property',
      'E',
      'setenv',
      'working-directory',
      'uid',
      'gid',
      'slice',
      'description',
      'on-active',
      'on-calendar',
      'service-type',
      'nice',
    ],
    true,
  );
  const { machine } = process;
  const name = values.get('u') ?? values.get('unit') ?? `run-u${machine.newPid()}`;
  const unit = Units.fullName(name);
  if (machine.units.state(unit)?.active === 'active') {
    await process.err(
      `Failed to start transient service unit: Unit ${unit} was already loaded or has a fragment file.\n`,
    );
    return 1;
  }
  const env = new Map(serviceEnvironment);
  for (const pair of [...(all.get('E') ?? []), ...(all.get('setenv') ?? [])]) {
    const equals = pair.indexOf('=');
    if (equals < 0) env.set(pair, process.env.get(pair) ?? '');
    else env.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  const user = machine.accounts.user(values.get('uid') ?? '0');
  const scope = flags.has('scope');
  const cwd =
    values.get('working-directory') ?? (flags.has('d') || flags.has('same-dir') || scope ? process.cwd : '/');
  const found = machine.findProgram(operands[0] ?? '', env.get('PATH') ?? '', cwd);
  if (found.kind === 'missing' || found.kind === 'denied') {
    await process.err(`Failed to find executable ${operands[0]}: No such file or directory\n`);
    return 1;
  }
  const attached = flags.has('P') || flags.has('pipe') || flags.has('t') || flags.has('pty') || scope;
  const files = attached ? new Map(process.open) : new Map([[0, textInput('')]]);
  if (attached) for (const file of files.values()) file.holders += 1;
  const delay = durationSeconds(values.get('on-active') ?? '');
  const run = () => {
    const child = machine.spawn(
      {
        argv: operands,
        env: scope ? process.env : env,
        cwd,
        uid: user?.uid ?? 0,
        gid: user?.gid ?? 0,
        files,
        unit,
      },
      found,
    );
    child.session = child.pid;
    machine.units.set(unit, {
      active: 'active',
      sub: 'running',
      result: 'success',
      exitCode: 0,
      mainPid: child.pid,
      description: operands.join(' '),
    });
    void child.exited.then((exit) => {
      // Stopped by systemctl: that is no failure.
      if (machine.units.state(unit)?.active === 'inactive') return machine.units.forget(unit);
      const code = exit.code ?? 128 + (exit.signal ?? 0);
      const failed = code !== 0;
      machine.units.set(unit, {
        active: failed ? 'failed' : 'inactive',
        sub: failed ? 'failed' : 'dead',
        result: exit.signal !== undefined ? 'signal' : failed ? 'exit-code' : 'success',
        exitCode: code,
        mainPid: 0,
      });
      if (!failed || flags.has('G') || flags.has('collect')) machine.units.forget(unit);
    });
    const limit = durationSeconds(
      [...(all.get('p') ?? []), ...(all.get('property') ?? [])]
        .find((property) => property.startsWith('RuntimeMaxSec='))
        ?.slice('RuntimeMaxSec='.length) ?? '',
    );
    if (limit > 0) {
      const cancel = machine.clock.schedule(limit * 1000, () => machine.killUnit(unit, 15));
      void child.exited.then(cancel);
    }
    return child;
  };
  if (delay > 0) {
    machine.clock.schedule(delay * 1000, run);
    if (!flags.has('quiet') && !flags.has('q')) await process.err(`Running timer as unit: ${name}.timer\n`);
    return 0;
  }
  const child = run();
  if (!flags.has('quiet') && !flags.has('q')) await process.err(`Running as unit: ${unit}\n`);
  if (!attached && !flags.has('wait')) return 0;
  const status = await process.waitFor(child.exited);
  return status.code ?? 128 + (status.signal ?? 0);
};

/** `90`, `90s`, `2min`, `1h` in seconds; 0 for anything else. */
function durationSeconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|sec|m|min|h)?$/.exec(text);
  if (match === null) return 0;
  const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, sec: 1, m: 60, min: 60, h: 3600 };
  return Number(match[1]) * (units[match[2] ?? 's'] ?? 1);
}

const service: Program = async (process, args) => {
  const [name = '', command = 'status'] = args;
  return systemctl(process, [command, name]);
};

/** Programs of systemd. */
export const systemdPrograms: Readonly<Record<string, Program>> = {
  systemctl,
  'systemd-run': systemdRun,
  service,
  'invoke-rc.d': service,
  'update-rc.d': () => 0,
  'systemd-tmpfiles': () => 0,
  'systemd-analyze': () => 0,
  'systemd-detect-virt': async (process) => {
    await process.out('kvm\n');
    return 0;
  },
  journalctl: async (process, args) => {
    if (args.some((arg) => /^--(rotate|vacuum|relinquish-var|flush|sync)/.test(arg))) return 0;
    await process.out('-- No entries --\n');
    return 0;
  },
  udevadm: () => 0,
  loginctl: () => 0,
  busctl: () => 0,
};
