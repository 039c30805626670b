import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { extractFacts } from './proxmox-schema/extract-facts.mjs';
import { mergeReleases } from './proxmox-schema/merge-releases.mjs';
import { printFacts, readPrintedFacts } from './proxmox-schema/print-facts.mjs';
import { printTypes } from './proxmox-schema/print-types.mjs';
import { readSchema } from './proxmox-schema/read-schema.mjs';

const generated = new URL('../packages/proxmox-client/src/schema/generated/', import.meta.url);
const read = (file: string) => readFile(new URL(file, generated), 'utf8');

test('the types that are checked in are those of the facts that are checked in, byte for byte', async () => {
  const facts = readPrintedFacts(await read('facts.ts'));
  expect(printFacts(facts) === (await read('facts.ts'))).toBe(true);
  expect(printTypes(facts) === (await read('routes.ts'))).toBe(true);
});

const method = (parameters: object, rest: object = {}) => ({
  name: 'index',
  description: 'Prose that is dropped.',
  method: 'GET',
  parameters: { additionalProperties: 0, properties: parameters },
  returns: { type: 'null' },
  ...rest,
});
const vmid = { type: 'integer', minimum: 100, description: 'Prose.', typetext: '<integer> (100 - N)' };
const tree = (parameters: object, rest?: object) => [
  { path: '/guests', text: 'guests', leaf: 1, info: { GET: method(parameters, rest) } },
];

test('a page of the API viewer reads as the tree that it holds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'apidoc-'));
  const page = join(folder, 'apidoc.js');
  await writeFile(
    page,
    `const apiSchema = ${JSON.stringify(tree({ vmid }), undefined, 2)}\n;\nfunction viewer() { return []; }\n`,
  );
  expect(await readSchema(page)).toEqual(tree({ vmid }));
  await rm(folder, { recursive: true });
});

test('a live node shows its page, and one that has none is said so', async () => {
  const page = `const apiSchema = ${JSON.stringify(tree({ vmid }), undefined, 3)}\n;\n\nlet viewer = ['x'];\n`;
  const certificate = new URL('../bench/support/', import.meta.url);
  const server = createServer(
    {
      key: await readFile(new URL('localhost-key.pem', certificate)),
      cert: await readFile(new URL('localhost.pem', certificate)),
    },
    ({ url }, response) => {
      response.statusCode = url === '/pve-docs/api-viewer/apidoc.js' ? 200 : 404;
      response.end(page);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const origin = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  expect(await readSchema(origin)).toEqual(tree({ vmid }));
  await expect(readSchema(`${origin}/elsewhere.js`)).rejects.toThrow(/expected 200, got 404/);
  server.closeAllConnections();
  server.close();
});

test('releases are folded into one table that says where they differ', () => {
  const facts = mergeReleases([
    { release: '1', routes: extractFacts(tree({ vmid })) },
    {
      release: '2',
      routes: extractFacts([
        ...tree({ vmid, 'net[n]': { type: 'string', optional: 1 } }),
        { path: '/new', info: { GET: method({}) } },
      ]),
    },
  ]);
  expect(facts.routes).toEqual({
    'GET /guests': { parameters: { 'net[n]': [-1, 0], vmid: 1 }, data: 2 },
    'GET /new': { in: ['2'], data: 2 },
  });
  expect(facts.values).toEqual([
    { optional: 1, type: 'string' },
    { minimum: 100, type: 'integer' },
    { type: 'null' },
  ]);
});

test('types name the range of indexed keys, and what one release lacks is optional', () => {
  const facts = mergeReleases([
    { release: '1', routes: extractFacts(tree({ vmid })) },
    {
      release: '2',
      routes: extractFacts(
        tree({ vmid, name: { type: 'string' }, 'ide[n]': { type: 'string', optional: 1 } }),
      ),
    },
  ]);
  const types = printTypes(facts);
  expect(types).toContain('type UpTo3 = 0 | 1 | 2 | 3;');
  expect(types).toContain(
    "'GET /guests': { params: { readonly name?: string; readonly vmid: number } & SetIde; data: null };",
  );
  expect(types).toContain("'GET /guests': { params: { readonly vmid: number }; data: null };");
  expect(() =>
    printTypes({ ...facts, routes: { 'GET /x': { parameters: { 'nosuch[n]': 0 }, data: 0 } } }),
  ).toThrow(/nosuch/);
});

test('alternatives by type are one object in which only the common part is required', () => {
  const facts = extractFacts([
    {
      path: '/rules',
      info: {
        POST: {
          parameters: {
            oneOf: [
              { 'instance-type': 'a', properties: { nodes: { type: 'string' }, rule: { type: 'string' } } },
              { 'instance-type': 'b', properties: { rule: { type: 'string' } } },
            ],
            'type-property': 'type',
          },
        },
      },
    },
  ]);
  expect(facts.get('POST /rules')?.parameters).toEqual({
    nodes: { type: 'string', optional: 1 },
    rule: { type: 'string' },
    type: { type: 'string', enum: ['a', 'b'] },
  });
});
