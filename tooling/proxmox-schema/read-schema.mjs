import { readFile } from 'node:fs/promises';
import https from 'node:https';

/**
 * Reads the API tree of one PVE release: from a JSON file, from a saved `apidoc.js`, or from a live node
 * (`https://node:8006`, whose static page /pve-docs/api-viewer/apidoc.js needs no login).
 */
export async function readSchema(source) {
  const text = /^https?:/.test(source) ? await fetchApidoc(source) : await readFile(source, 'utf8');
  return parseApidoc(text);
}

function fetchApidoc(origin) {
  const url = new URL(origin.endsWith('.js') ? origin : '/pve-docs/api-viewer/apidoc.js', origin);
  return new Promise((resolve, reject) => {
    // A node's own certificate is self-signed; what is fetched is public documentation and ends up in a reviewed diff.
    const request = https.get(url, { rejectUnauthorized: false }, (response) => {
      if (response.statusCode !== 200)
        return reject(new Error(`${url}: expected 200, got ${response.statusCode}`));
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

/** `apidoc.js` is `const apiSchema = [ … ]` followed by the viewer's code; the array alone is JSON. */
function parseApidoc(text) {
  const trimmed = text.trimStart();
  if (trimmed.startsWith('[')) return JSON.parse(trimmed);
  const start = text.indexOf('[', text.search(/\b(?:const|var|let)\s+(?:apiSchema|pveapi)\s*=/));
  const end = text.search(/^\]\s*;?\s*$/m);
  if (start < 0 || end < start)
    throw new Error('expected a JSON array or an apidoc.js with `const apiSchema = [`');
  return JSON.parse(text.slice(start, end + 1));
}
