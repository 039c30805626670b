import { fetchFingerprint } from '@phoenix/proxmox-client';
import { readUrls } from '../connection.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';

/** `phoenix fingerprint`: the certificate fingerprint of each address, to be compared before it is trusted. */
export async function runFingerprint(
  context: Context,
  url: string | undefined,
  options: GlobalOptions,
): Promise<ExitCodeName> {
  const urls = readUrls(url === undefined ? context.env : { PHOENIX_PVE_URL: url });
  for (const address of urls) {
    const { hostname, port } = new URL(address);
    const fingerprint = await fetchFingerprint({ host: hostname, port: Number(port || 443) });
    context.stdout.write(
      options.json === true
        ? `${JSON.stringify({ url: address, fingerprint })}\n`
        : `export PHOENIX_PVE_FINGERPRINT=${fingerprint}  # ${address}\n`,
    );
  }
  return 'done';
}
