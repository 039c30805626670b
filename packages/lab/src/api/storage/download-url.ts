import { errorText, failure } from '../../http/pve-error.js';
import { defineRoute } from '../../http/route.js';
import { assertAcceptable, checksumOf, recordContent, resolveContentTarget } from './content-files.js';

/** `POST …/download-url` and `GET …/query-url-metadata`: the node fetches a file itself (PVE/API2/Storage/Status.pm, PVE/Tools.pm download_file_from_url). */
export const downloadRoutes = [
  defineRoute('POST /nodes/{node}/storage/{storage}/download-url', (ctx) => {
    const { lab, params, node } = ctx;
    const url = params.require('url');
    const content = params.require('content');
    const compression = params.get('compression');
    const target = resolveContentTarget(
      lab,
      { node, storage: params.require('storage'), content, filename: params.require('filename') },
      (storage, type) => `storage '${storage}' is not configured for content-type '${type}'`,
    );
    const checksum = params.get('checksum');
    const algorithm = params.get('checksum-algorithm');
    return ctx.startTask({
      type: 'download',
      id: target.filename,
      run: async (task) => {
        task.log(`downloading ${url} to ${target.path}`);
        if (compression !== undefined && content !== 'iso')
          throw failure(`decompression not supported for ${content}`);
        const expected =
          checksum === undefined || algorithm === undefined ? undefined : { checksum, algorithm };
        if ((await lab.files.stat(target.place, target.path)) !== undefined) {
          if (expected === undefined) throw failure(`refusing to override existing file '${target.path}'`);
          const got = await checksumOf(lab, target.place, target.path, expected.algorithm);
          if (got.toLowerCase() !== expected.checksum.toLowerCase()) {
            task.log('calculating checksum of existing file...');
            throw failure(`checksum mismatch: got '${got}' != expect '${expected.checksum}', aborting`);
          }
          task.log(
            'calculating checksum of existing file...OK, got correct file already, no need to download',
          );
          return;
        }
        const spool = `${target.path}.tmp_dwnl.${Number.parseInt(task.upid.split(':')[2] ?? '0', 16)}`;
        try {
          await fetchTo(
            url,
            (bytes) => lab.files.write(target.place, spool, bytes),
            spool,
            task.log,
            task.signal,
          );
          if (expected !== undefined) {
            const got = await checksumOf(lab, target.place, spool, expected.algorithm);
            if (got.toLowerCase() !== expected.checksum.toLowerCase()) {
              task.log('calculating checksum...');
              throw failure(`checksum mismatch: got '${got}' != expect '${expected.checksum}'`);
            }
            task.log('calculating checksum...OK, checksum verified');
          }
          await assertAcceptable(lab, target, { path: spool, shownPath: spool });
          await lab.files.rename(target.place, spool, target.path);
        } finally {
          await lab.files.remove(target.place, spool);
        }
        await recordContent(lab, target);
        task.log(`download of '${url}' to '${target.path}' finished`);
      },
    });
  }),

  defineRoute('GET /nodes/{node}/query-url-metadata', async ({ params, signal }) => {
    const url = params.require('url');
    let response: Response;
    try {
      response = await fetch(url, { method: 'HEAD', signal });
    } catch (error) {
      throw failure(
        `invalid server response: '500 Can't connect to ${new URL(url).host} (${errorText(error)})'`,
      );
    }
    if (response.status !== 200)
      throw failure(`invalid server response: '${response.status} ${response.statusText}'`);
    const type = response.headers.get('content-type')?.split(';')[0];
    const disposition = /filename="?([^";]+)"?/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    const filename =
      disposition ?? decodeURIComponent(new URL(response.url).pathname.split('/').at(-1) ?? '');
    const size = response.headers.get('content-length');
    return {
      ...(filename === '' ? {} : { filename: filename.replace(/[^a-zA-Z0-9_.-]/g, '_') }),
      ...(size === null ? {} : { size: Number(size) }),
      ...(type === undefined ? {} : { mimetype: type }),
    };
  }),
];

/** Fetches as wget does, with its log lines. */
async function fetchTo(
  url: string,
  write: (bytes: AsyncIterable<Uint8Array>) => Promise<number>,
  path: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const stamp = () => new Date().toISOString().slice(0, 19).replace('T', ' ');
  const { hostname, host, port, protocol } = new URL(url);
  const shownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  log(`--${stamp()}--  ${url}`);
  let response: Response;
  try {
    response = await fetch(url, { signal, headers: { 'accept-encoding': 'identity' } });
  } catch {
    log(`Connecting to ${hostname}:${shownPort}... failed: Connection refused.`);
    throw failure('download failed: exit code 4');
  }
  log(`Connecting to ${host === hostname ? `${hostname}:${shownPort}` : host}... connected.`);
  log(`HTTP request sent, awaiting response... ${response.status} ${response.statusText}`);
  if (!response.ok || response.body === null) {
    log(`${stamp()} ERROR ${response.status}: ${response.statusText}.`);
    throw failure('download failed: exit code 8');
  }
  const length = Number(response.headers.get('content-length') ?? 0);
  const type = response.headers.get('content-type');
  log(`Length: ${length}${humanSize(length)}${type === null ? '' : ` [${type}]`}`);
  log(`Saving to: '${path}'`);
  const written = await write(response.body).catch(() => {
    throw failure('download failed: exit code 4');
  });
  log(`${stamp()} (100 MB/s) - '${path}' saved [${written}/${length || written}]`);
}

function humanSize(bytes: number): string {
  if (bytes < 1024) return '';
  if (bytes < 1024 ** 2) return ` (${Math.round(bytes / 1024)}K)`;
  return bytes < 1024 ** 3 ? ` (${Math.floor(bytes / 1024 ** 2)}M)` : ` (${(bytes / 1024 ** 3).toFixed(1)}G)`;
}
