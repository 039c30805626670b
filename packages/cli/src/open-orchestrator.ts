import { type Config, createOrchestrator, type Orchestrator } from '@phoenix/core';
import { createProxmoxClient, type ProxmoxClient } from '@phoenix/proxmox-client';
import { readConnection } from './connection.js';
import type { Context } from './context.js';
import type { GlobalOptions } from './global-options.js';
import { openConfig } from './open-config.js';

/** An orchestrator of the configuration and the connection that the command line and the environment name. */
export async function openOrchestrator(
  context: Context,
  options: GlobalOptions,
): Promise<{ readonly orchestrator: Orchestrator; readonly client: ProxmoxClient; readonly config: Config }> {
  const config = await openConfig(context, options);
  const client = createProxmoxClient(readConnection(context.env));
  return { orchestrator: createOrchestrator({ client, config }), client, config };
}
