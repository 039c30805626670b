import { createOrchestrator, parseConfig } from '@phoenix/core';
import type { GuestShell } from '@phoenix/features';
import { startLab } from '@phoenix/lab';
import { createProxmoxClient } from '@phoenix/proxmox-client';
import { CliError } from './cli-error.js';
import type { Context } from './context.js';

const VMID = 9000;

/** A guest of a lab that lives as long as the guest. */
export interface TestGuest {
  readonly shell: GuestShell;
  close(): Promise<void>;
}

/**
 * Starts a lab, makes one machine in it and opens a shell there: a fresh guest to try a feature pack in.
 * @param image a catalogue name, URL or path; default Ubuntu 24.04's, which the lab serves itself
 * @throws CliError `CLI_LAB` with the reason when the machine does not come up
 */
export async function startTestGuest(
  context: Pick<Context, 'cwd' | 'signal'>,
  guests: 'simulated' | 'qemu',
  image = 'noble-server-cloudimg-amd64.img',
): Promise<TestGuest> {
  const lab = await startLab({ guests });
  try {
    const { url, token, fingerprint, imageMirror = '' } = lab;
    const config = parseConfig([{ file: `${context.cwd}/feature-test.json`, text: machine(image) }], {
      imageMirror,
    });
    const client = createProxmoxClient({ url, token, fingerprint });
    const orchestrator = createOrchestrator({ client, config });
    for await (const event of orchestrator.apply(await orchestrator.plan([VMID]), { signal: context.signal }))
      if (event.type === 'action-failed')
        throw new CliError({
          code: 'CLI_LAB',
          exit: 'failed',
          message: `The guest for the test did not come up: ${event.message}`,
          ...(event.hint === undefined ? {} : { hint: event.hint }),
        });
    return {
      shell: await orchestrator.openShell(VMID, { signal: context.signal }),
      close: async () => {
        await client.close();
        await lab.close();
      },
    };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

function machine(image: string): string {
  return JSON.stringify({
    vms: [
      {
        vmid: VMID,
        name: 'feature-test',
        template_image: image,
        cores: 2,
        memory_mb: 1024,
        disk_size_gb: 8,
        storage_pool: 'quickOS-vm-disks',
        network_bridge: 'vmbr0',
        network_config: { ip: 'dhcp' },
        user_config: { username: 'phoenix_user' },
      },
    ],
  });
}
