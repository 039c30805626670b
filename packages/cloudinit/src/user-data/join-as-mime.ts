import { createHash } from 'node:crypto';

const TYPES: readonly (readonly [string, string])[] = [
  ['#cloud-config-archive', 'text/cloud-config-archive'],
  ['#cloud-config-jsonp', 'text/cloud-config-jsonp'],
  ['#cloud-config', 'text/cloud-config'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['#include-once', 'text/x-include-once-url'],
  ['#include', 'text/x-include-url'],
  ['#part-handler', 'text/part-handler'],
  ['## template: jinja', 'text/jinja2'],
  ['#!', 'text/x-shellscript'],
];

/**
 * Several user-data texts as one MIME archive, which cloud-init takes apart again. Equal texts give equal bytes. A
 * text that is an archive already becomes a part of its own.
 */
export function joinAsMime(parts: readonly string[]): string {
  const digest = createHash('sha256').update(parts.join('\0')).digest('hex');
  const boundary = `phoenix-${digest.slice(0, 32)}`;
  const body = parts.map((part) => {
    const type = TYPES.find(([start]) => part.startsWith(start))?.[1];
    const nested = /^(?:Content-Type|MIME-Version):/.test(part);
    const head = nested
      ? 'Content-Type: message/rfc822'
      : `Content-Type: ${type ?? 'text/plain'}; charset="utf-8"`;
    return `--${boundary}\n${head}\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n${encode(part)}`;
  });
  return `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${body.join('')}--${boundary}--\n`;
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('base64')
    .replace(/.{1,76}/g, '$&\n');
}
