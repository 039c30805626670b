import { fetchFingerprint } from '@phoenix/proxmox-client';
import { readUrls } from '../connection.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';

/** `phoenix fingerprint`: the certificate fingerprint of each address, to be compared before it is trusted. */
export async function runFingerprint(
  context: Context,
  address: string | undefined,
  options: GlobalOptions,
): Promise<ExitCodeName> {
  const urls = readUrls(address === undefined ? context.env : { PHOENIX_PVE_URL: address });
  for (const url of urls) {
    const { hostname, port } = new URL(url);
    const seen = await fetchFingerprint({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 443),
    });
    context.stdout.write(
      options.json === true
        ? `${JSON.stringify({ url, ...seen })}\n`
        : `# ${url}: ${seen.subject}, issued by ${seen.issuer}, valid to ${seen.validTo}\nexport PHOENIX_PVE_FINGERPRINT=${seen.fingerprint}\n`,
    );
  }
  return 'done';
}
