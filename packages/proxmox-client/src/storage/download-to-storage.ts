import type { ProxmoxClient, RequestOptions } from '../client/proxmox-client.js';

/**
 * Lets a node fetch a file into its storage. Give a checksum: without one PVE refuses when the file exists already; with it an existing
 * file that matches is success at once, and one that differs an error.
 * Needs Datastore.AllocateTemplate on the storage and Sys.AccessNetwork on the node.
 * @returns the task's UPID
 */
export function downloadToStorage(
  client: ProxmoxClient,
  {
    node,
    storage,
    content,
    filename,
    url,
    checksum,
    verifyCertificates,
    compression,
  }: {
    readonly node: string;
    readonly storage: string;
    readonly content: 'iso' | 'vztmpl' | 'import';
    /** Name on the storage; of `import` it decides the format: .qcow2, .raw, .vmdk or .ova. */
    readonly filename: string;
    readonly url: string;
    readonly checksum?: {
      readonly algorithm: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
      readonly value: string;
    };
    /** Default true. */
    readonly verifyCertificates?: boolean;
    /** Of `iso` content: unpacks what was fetched. */
    readonly compression?: string;
  },
  options?: RequestOptions,
): Promise<string> {
  return client.request(
    'POST /nodes/{node}/storage/{storage}/download-url',
    {
      node,
      storage,
      content,
      filename,
      url,
      ...(checksum === undefined
        ? {}
        : { checksum: checksum.value, 'checksum-algorithm': checksum.algorithm }),
      ...(verifyCertificates === undefined ? {} : { 'verify-certificates': verifyCertificates }),
      ...(compression === undefined ? {} : { compression }),
    },
    options,
  );
}
