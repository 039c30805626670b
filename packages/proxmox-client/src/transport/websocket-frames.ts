import { randomBytes } from 'node:crypto';

/** One message of the other side, or the end. */
export type Frame =
  | { readonly kind: 'message' | 'ping'; readonly bytes: Buffer }
  | { readonly kind: 'close'; readonly bytes: Buffer };

const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** PVE's limit for one frame; it wants messages in one piece. Source: pve-http-server AnyEvent.pm websocket_proxy. */
export const FRAME_LIMIT = 131_072;

/** Prints one unfragmented, masked frame, as RFC 6455 has clients send them. */
export function printFrame(kind: 'message' | 'ping' | 'pong' | 'close', bytes: Uint8Array): Buffer {
  const opcode = { message: BINARY, ping: PING, pong: PONG, close: CLOSE }[kind];
  const { byteLength } = bytes;
  const extra = byteLength < 126 ? 0 : byteLength < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + extra + 4 + byteLength);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? byteLength : extra === 2 ? 126 : 127);
  if (extra === 2) frame.writeUInt16BE(byteLength, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(byteLength), 2);
  const mask = randomBytes(4);
  mask.copy(frame, 2 + extra);
  const start = 6 + extra;
  for (let index = 0; index < byteLength; index++) {
    frame[start + index] = (bytes[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }
  return frame;
}

/**
 * Cuts a stream of bytes into frames: feed it what arrives, in whatever pieces, and it returns what is complete.
 * @throws Error for what a server may not send
 */
export function createFrameReader(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  return (chunk) => {
    rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    for (let header = readHeader(rest); header && rest.byteLength >= header.end; header = readHeader(rest)) {
      const { opcode, final, start, end } = header;
      const bytes = rest.subarray(start, end);
      rest = rest.subarray(end);
      if (opcode === TEXT || opcode === BINARY || opcode === CONTINUATION) {
        parts.push(bytes);
        if (!final) continue;
        frames.push({ kind: 'message', bytes: parts.length === 1 ? bytes : Buffer.concat(parts) });
        parts = [];
      } else if (opcode === CLOSE) frames.push({ kind: 'close', bytes });
      else if (opcode === PING) frames.push({ kind: 'ping', bytes });
      else if (opcode !== PONG) throw new Error(`unknown frame of kind ${opcode}`);
    }
    return frames;
  };
}

function readHeader(
  bytes: Buffer,
): { opcode: number; final: boolean; start: number; end: number } | undefined {
  if (bytes.byteLength < 2) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  if ((second & 0x80) !== 0) throw new Error('a server may not mask its frames');
  const short = second & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.byteLength < start) return undefined;
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return { opcode: first & 0x0f, final: (first & 0x80) !== 0, start, end: start + length };
}
