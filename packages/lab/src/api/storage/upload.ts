import { createHash } from 'node:crypto';
import type { StreamHandler } from '../../http/pipeline.js';
import { badParameters, failure, PveError } from '../../http/pve-error.js';
import { Reply } from '../../http/route.js';
import type { WireRequest } from '../../http/wire.js';
import {
  assertAcceptable,
  type ContentTarget,
  checksumOf,
  recordContent,
  resolveContentTarget,
} from './content-files.js';

const MAX_HEAD_BYTES = 64 * 1024;
const FIELDS = ['content', 'checksum-algorithm', 'checksum'] as const;
const CONTENT_TYPES = ['iso', 'vztmpl', 'import'];
const ALGORITHMS = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

interface Upload {
  readonly fields: Readonly<Record<string, string>>;
  readonly filename: string;
  /** The file's bytes, ending before the closing boundary. */
  readonly file: AsyncIterable<Uint8Array>;
}

/**
 * `POST /nodes/{node}/storage/{storage}/upload`: fields first, then the file in a part named `filename`; the file is taken in as a whole, then a task
 * `imgcopy` verifies it and puts it in its place (pve-http-server AnyEvent.pm file_upload_multipart, pve-storage PVE/API2/Storage/Status.pm).
 */
export const upload: StreamHandler = async ({ lab, node, pathParameters, request, startTask }) => {
  const boundary = /boundary=("?)([^";]+)\1/.exec(request.headers.get('content-type') ?? '')?.[2];
  if (boundary === undefined)
    throw new PveError(501, 'upload without boundary', { plainBody: 'upload without boundary' });
  const form = await readUpload(request, boundary);
  if (form === undefined) return 'drop';
  const { fields } = form;
  const storage = pathParameters.storage ?? '';
  const spoolName = `/var/tmp/pveupload-${createHash('md5').update(lab.uuid()).digest('hex')}`;
  const place = lab.state.storages[storage]?.shared === true ? '' : node;
  await lab.files.write(place, spoolName, form.file);
  let target: ContentTarget;
  try {
    verifyFields(fields, lab.release);
    target = resolveContentTarget(
      lab,
      { node, storage, content: fields.content ?? '', filename: form.filename },
      (id, content) => `storage '${id}' does not support '${content}' content`,
    );
  } catch (error) {
    await lab.files.remove(place, spoolName);
    throw error;
  }
  const upid = startTask({
    type: 'imgcopy',
    run: async (task) => {
      try {
        task.log(`starting file import from: ${spoolName}`);
        const { checksum, 'checksum-algorithm': algorithm } = fields;
        if (checksum !== undefined && algorithm !== undefined) {
          const got = await checksumOf(lab, place, spoolName, algorithm);
          if (got.toLowerCase() !== checksum.toLowerCase()) {
            task.log('calculating checksum...');
            throw failure(`checksum mismatch: got '${got}' != expect '${checksum}'`);
          }
          task.log('calculating checksum...OK, checksum verified');
        }
        await assertAcceptable(lab, target, { path: spoolName, shownPath: spoolName });
        const facts = await lab.files.stat(place, spoolName);
        task.log(`target node: ${node}`);
        task.log(`target file: ${target.path}`);
        task.log(`file size is: ${facts?.sizeBytes ?? 0}`);
        task.log(`command: cp -- ${spoolName} ${target.path}`);
        await lab.files.rename(place, spoolName, target.path);
        await recordContent(lab, target);
        task.log('finished file import successfully');
      } finally {
        await lab.files.remove(place, spoolName);
      }
    },
  });
  return new Reply(upid);
};

function verifyFields(fields: Readonly<Record<string, string>>, release: '8.4' | '9.2'): void {
  const errors: Record<string, string> = {};
  const { content, checksum, 'checksum-algorithm': algorithm } = fields;
  const oneOf = (name: string, value: string, allowed: readonly string[]) => {
    if (!allowed.includes(value))
      errors[name] = `value '${value}' does not have a value in the enumeration '${allowed.join(', ')}'`;
  };
  const required = (name: string, other: string) => {
    errors[name] =
      release === '8.4'
        ? `missing property - '${other}' requires this property`
        : `missing property required by '${other}'`;
  };
  if (content === undefined) errors.content = 'property is missing and it is not optional';
  else oneOf('content', content, CONTENT_TYPES);
  if (algorithm !== undefined) oneOf('checksum-algorithm', algorithm, ALGORITHMS);
  if (checksum !== undefined && algorithm === undefined) required('checksum-algorithm', 'checksum');
  if (algorithm !== undefined && checksum === undefined) required('checksum', 'checksum-algorithm');
  if (Object.keys(errors).length > 0) throw badParameters(errors);
}

/** Reads up to the file's first byte; undefined when the form has no file. */
async function readUpload(request: WireRequest, boundary: string): Promise<Upload | undefined> {
  const chunks = request.body()[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  for (;;) {
    const start = fileStart(head);
    if (start !== undefined) {
      const text = head.subarray(0, start.at).toString('utf8');
      return {
        fields: fieldsOf(text),
        filename: start.filename,
        file: fileBytes(head.subarray(start.at), chunks, boundary),
      };
    }
    const next = head.length > MAX_HEAD_BYTES ? { done: true, value: undefined } : await chunks.next();
    if (next.done === true || next.value === undefined) return undefined;
    head = Buffer.concat([head, next.value]);
  }
}

function fileStart(head: Buffer): { at: number; filename: string } | undefined {
  const text = head.toString('latin1');
  const found =
    /Content-Disposition: form-data; name="filename"; filename="([^"]+)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n/i.exec(
      text,
    );
  if (found === null) return undefined;
  return {
    at: found.index + found[0].length,
    filename: Buffer.from(found[1] ?? '', 'latin1').toString('utf8'),
  };
}

/** The fields before the file. PVE looks for them in this order only: one that stands before an earlier-named one is not seen. */
function fieldsOf(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  let from = 0;
  for (const name of FIELDS) {
    const pattern = new RegExp(
      `Content-Disposition: form-data; name="${name}"[^\\r\\n]*\\r?\\n(?:[^\\r\\n]+\\r?\\n)*\\r?\\n([^\\r\\n]*)\\r?\\n`,
      'i',
    );
    const found = pattern.exec(text.slice(from));
    if (found === null) continue;
    fields[name] = found[1] ?? '';
    from += found.index + found[0].length;
  }
  return fields;
}

/** The bytes from `first` on up to the boundary. What could be its beginning is held back until more has come. */
async function* fileBytes(
  first: Buffer,
  chunks: AsyncIterator<Uint8Array>,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  const mark = Buffer.from(`\r\n--${boundary}`);
  let held = first;
  for (;;) {
    const end = held.indexOf(mark);
    if (end >= 0) {
      yield held.subarray(0, end);
      for (let rest = await chunks.next(); rest.done !== true; rest = await chunks.next());
      return;
    }
    const safe = Math.max(0, held.length - mark.length);
    if (safe > 0) yield held.subarray(0, safe);
    held = held.subarray(safe);
    const next = await chunks.next();
    if (next.done === true) {
      yield held;
      return;
    }
    held = Buffer.concat([held, next.value]);
  }
}
