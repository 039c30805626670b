/** Opcodes of RFC 6455. */
export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as received, its payload unmasked. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** PVE's relay refuses larger frames. */
export const MAX_FRAME_BYTES = 128 * 1024;

/** An unmasked, unfragmented frame, as servers send them. */
export function printFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff])
        : Buffer.concat([
            Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0]),
            Buffer.from(Uint32Array.of(length).buffer).swap32(),
          ]);
  return Buffer.concat([head, payload]);
}

/**
 * A reader of a client's frames: give it bytes as they come, it calls back with each whole frame. As PVE's relay it accepts neither fragments, nor
 * unmasked frames, nor frames over 128 KiB: the first such makes it deaf for good (pve-http-server, AnyEvent.pm websocket_proxy).
 */
export function createFrameReader(onFrame: (frame: Frame) => void): (bytes: Uint8Array) => void {
  let pending = Buffer.alloc(0);
  let deaf = false;
  return (bytes) => {
    if (deaf) return;
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 2) {
      const first = pending.readUInt8(0);
      const second = pending.readUInt8(1);
      let length = second & 0x7f;
      let offset = 2;
      if (length === 126) {
        if (pending.length < 4) return;
        length = pending.readUInt16BE(2);
        offset = 4;
      } else if (length === 127) {
        if (pending.length < 10) return;
        length = Number(pending.readBigUInt64BE(2));
        offset = 10;
      }
      if ((first & 0xf0) !== 0x80 || (second & 0x80) === 0 || length > MAX_FRAME_BYTES) {
        deaf = true;
        return;
      }
      if (pending.length < offset + 4 + length) return;
      const mask = pending.subarray(offset, offset + 4);
      const payload = Buffer.from(pending.subarray(offset + 4, offset + 4 + length));
      for (let index = 0; index < length; index += 1)
        payload[index] = payload.readUInt8(index) ^ mask.readUInt8(index & 3);
      pending = pending.subarray(offset + 4 + length);
      onFrame({ opcode: first & 0x0f, payload });
    }
  };
}
