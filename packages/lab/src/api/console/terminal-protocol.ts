/** What the far side of termproxy is told: keys, a new size, or that the client is alive. */
export type TerminalMessage =
  | { readonly kind: 'input'; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'ping' };

/**
 * Takes the stream that a client sends after its ticket line apart: `0:LENGTH:BYTES`, `1:COLUMNS:ROWS:`, `2` (termproxy's protocol). Bytes of an
 * unfinished message are kept; what is no message at all is dropped up to the next one.
 */
export function createTerminalReader(
  onMessage: (message: TerminalMessage) => void,
): (bytes: Uint8Array) => void {
  let pending = Buffer.alloc(0);
  return (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    for (;;) {
      const taken = takeMessage(pending, onMessage);
      if (taken === 0) return;
      pending = pending.subarray(taken);
    }
  };
}

function takeMessage(bytes: Buffer, onMessage: (message: TerminalMessage) => void): number {
  if (bytes.length === 0) return 0;
  const type = String.fromCharCode(bytes.readUInt8(0));
  if (type === '2') {
    onMessage({ kind: 'ping' });
    return 1;
  }
  const head = bytes.subarray(0, 24).toString('latin1');
  if (type === '0') {
    const match = /^0:(\d+):/.exec(head);
    if (match === null) return /^0(:\d*)?$/.test(head) ? 0 : 1;
    const start = match[0].length;
    const length = Number(match[1]);
    if (bytes.length < start + length) return 0;
    onMessage({ kind: 'input', bytes: Buffer.from(bytes.subarray(start, start + length)) });
    return start + length;
  }
  if (type === '1') {
    const match = /^1:(\d+):(\d+):/.exec(head);
    if (match === null) return /^1(:\d*){0,2}$/.test(head) ? 0 : 1;
    onMessage({ kind: 'size', columns: Number(match[1]), rows: Number(match[2]) });
    return match[0].length;
  }
  return 1;
}
