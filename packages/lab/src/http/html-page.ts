import type { JsonValue } from '../state/json.js';

/** A plain page for the `html` format: PVE shows its API to browsers that way; here without decoration. */
export function htmlPage(path: string, data: JsonValue): string {
  const escapeHtml = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '  <head>',
    '    <meta charset="utf-8">',
    '    <title>Proxmox VE API</title>',
    '  </head>',
    `  <body><h1>${escapeHtml(path)}</h1><pre>${escapeHtml(JSON.stringify(data, undefined, 2))}</pre></body>`,
    '</html>',
    '',
  ].join('\n');
}
