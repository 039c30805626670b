import type { CloudInit } from '../boot/cloud-init.js';
import type { Process, Program } from '../system/process.js';
import { parseOptions } from './options.js';

/** The program `cloud-init`: status, clean, query and the stages (which do nothing again). */
export function cloudInitProgram(current: () => CloudInit | undefined): Program {
  return async (process, args) => {
    const [command = '', ...rest] = args;
    const cloudInit = current();
    switch (command) {
      case '--version':
      case '-v':
        await process.out('/usr/bin/cloud-init 25.2-0ubuntu1~24.04.1\n');
        return 0;
      case 'status':
        return status(process, cloudInit, rest);
      case 'clean':
        return clean(process, rest);
      case 'query': {
        const key = rest.find((arg) => !arg.startsWith('-')) ?? '';
        const values: Readonly<Record<string, string>> = {
          instance_id: cloudInit?.instanceId ?? '',
          'v1.instance_id': cloudInit?.instanceId ?? '',
          local_hostname: process.machine.hostname(),
          cloud_name: 'nocloud',
        };
        await process.out(`${values[key] ?? ''}\n`);
        return 0;
      }
      default:
        return 0;
    }
  };
}

async function status(
  process: Process,
  cloudInit: CloudInit | undefined,
  args: readonly string[],
): Promise<number> {
  const { flags, values } = parseOptions(args, ['format']);
  if (cloudInit !== undefined && (flags.has('w') || flags.has('wait'))) {
    while (cloudInit.status.status === 'not run' || cloudInit.status.status === 'running') {
      await process.waitFor(Promise.race([cloudInit.finished, process.machine.sleep(250, process.signal)]));
      process.check();
    }
  }
  const state = cloudInit?.status;
  const text = state?.status ?? 'not run';
  const recoverable = state !== undefined && state.warnings.length > 0;
  const extended =
    text === 'error' ? 'error - done' : recoverable && text === 'done' ? 'degraded done' : text;
  if (values.get('format') === 'json') {
    const errors = state?.errors ?? [];
    await process.out(
      `${JSON.stringify(
        {
          boot_status_code: state?.bootStatus ?? 'unknown',
          datasource: state?.datasource.includes('NoCloud') === true ? 'nocloud' : 'none',
          detail: state?.detail ?? '',
          errors,
          extended_status: extended,
          init: { errors: [], finished: null, recoverable_errors: {}, start: null },
          last_update: new Date(process.machine.clock.now()).toUTCString(),
          recoverable_errors: recoverable ? { WARNING: state.warnings } : {},
          stage: text === 'running' ? 'modules-final' : null,
          status: text,
        },
        null,
        2,
      )}\n`,
    );
  } else {
    await process.out(`${flags.has('w') || flags.has('wait') ? '\n' : ''}status: ${text}\n`);
    if (flags.has('l') || flags.has('long')) {
      await process.out(
        `extended_status: ${extended}\nboot_status_code: ${state?.bootStatus ?? 'unknown'}\ndetail: ${state?.detail ?? ''}\n`,
      );
      await process.out(
        state === undefined || state.errors.length === 0
          ? 'errors: []\n'
          : `errors:\n${state.errors.map((error) => `\t- ${error}\n`).join('')}`,
      );
    }
  }
  if (text === 'error') return 1;
  return recoverable ? 2 : 0;
}

async function clean(process: Process, args: readonly string[]): Promise<number> {
  const { flags } = parseOptions(args, ['c', 'configs']);
  const { files } = process;
  for (const name of files.isDirectory('/var/lib/cloud') ? files.list('/var/lib/cloud') : []) {
    if (name === 'seed' && !flags.has('s') && !flags.has('seed')) continue;
    files.remove(`/var/lib/cloud/${name}`, true);
  }
  if (flags.has('l') || flags.has('logs')) {
    for (const path of ['/var/log/cloud-init.log', '/var/log/cloud-init-output.log'])
      if (files.exists(path)) files.remove(path);
  }
  if (flags.has('machine-id')) files.write('/etc/machine-id', 'uninitialized\n');
  if (flags.has('r') || flags.has('reboot')) process.machine.parts.power('reboot');
  return 0;
}
