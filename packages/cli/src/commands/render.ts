import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeNoCloudIso } from '@phoenix/cloudinit';
import { createOrchestrator, createRedactor } from '@phoenix/core';
import { createProxmoxClient } from '@phoenix/proxmox-client';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { openConfig } from '../open-config.js';
import { parseId } from '../parse-targets.js';

/** What `phoenix render` takes. */
export interface RenderOptions extends GlobalOptions {
  readonly out?: string;
  readonly iso?: string;
}

/** `phoenix render`: the seed that a machine would get. Touches no Proxmox VE; secrets show only in files that were asked for. */
export async function runRender(
  context: Context,
  word: string,
  options: RenderOptions,
): Promise<ExitCodeName> {
  const vmid = parseId(word);
  const config = await openConfig(context, options);
  const redactor = createRedactor();
  // Rendering asks nobody: the address is never used.
  const client = createProxmoxClient({ url: 'https://localhost:8006' });
  const orchestrator = createOrchestrator({ client, config, redactor, environment: context.env });
  const seed = await orchestrator.render(vmid);
  if (seed === undefined)
    throw new CliError({
      code: 'CLI_NO_SEED',
      exit: 'missing',
      message: `${vmid} has no cloud-init seed: containers are configured by Proxmox VE itself.`,
      hint: '`phoenix plan` shows what a container gets.',
    });
  const files = {
    'user-data': seed.userData,
    'meta-data': seed.metaData,
    ...(seed.networkConfig === undefined ? {} : { 'network-config': seed.networkConfig }),
  };
  for (const { message, hint } of seed.notices)
    context.stderr.write(`notice: ${redactor.redact(message)}${hint === undefined ? '' : ` ${hint}`}\n`);
  if (options.iso !== undefined)
    await writeFile(resolve(context.cwd, options.iso), writeNoCloudIso(seed), { mode: 0o600 });
  if (options.out !== undefined) {
    const directory = resolve(context.cwd, options.out);
    await mkdir(directory, { recursive: true });
    for (const [name, text] of Object.entries(files))
      await writeFile(join(directory, name), text, { mode: 0o600 });
  }
  if (options.iso !== undefined || options.out !== undefined) return 'done';
  context.stdout.write(
    options.json === true
      ? `${redactor.redact(JSON.stringify(files))}\n`
      : Object.entries(files)
          .map(
            ([name, text]) => `# --- ${name} ---\n${redactor.redact(text)}${text.endsWith('\n') ? '' : '\n'}`,
          )
          .join(''),
  );
  return 'done';
}
