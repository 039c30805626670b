import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const file = `${root}test/page.ts`;
const HEAD =
  "import { createProxmoxClient } from '../src/index.js';\nconst client = createProxmoxClient({ url: 'pve' });\n";

let text = '';
let version = 0;
const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config,
  ts.sys,
  root,
);
const service = ts.createLanguageService({
  readFile: ts.sys.readFile,
  fileExists: (name) => name === file || ts.sys.fileExists(name),
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
  getCompilationSettings: () => options,
  getScriptFileNames: () => [file],
  getScriptVersion: (name) => (name === file ? String(version) : '0'),
  getScriptSnapshot: (name) => {
    const source = name === file ? text : ts.sys.readFile(name);
    return source === undefined ? undefined : ts.ScriptSnapshot.fromString(source);
  },
  getCurrentDirectory: () => root,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
});

/** What an editor offers at the `|` of a line. */
function offered(line: string): string[] {
  text = HEAD + line.replace('|', '');
  version++;
  const at = HEAD.length + line.indexOf('|');
  return service.getCompletionsAtPosition(file, at, {})?.entries.map(({ name }) => name) ?? [];
}

describe('an editor', () => {
  test('offers every call of the API', () => {
    const routes = offered("client.request('|')");
    expect(routes).toHaveLength(662);
    expect(routes).toEqual(
      expect.arrayContaining(['GET /version', 'PUT /nodes/{node}/qemu/{vmid}/config', 'POST /access/ticket']),
    );
  });

  test('offers the calls of a release to a client of that release', () => {
    const routes = offered("client.forRelease('8.4').request('|')");
    expect(routes).toHaveLength(606);
    expect(routes).not.toContain('GET /cluster/ha/rules');
  });

  test('offers the parameters of a call, with the numbers that its keys may have', () => {
    const names = offered("client.request('PUT /nodes/{node}/qemu/{vmid}/config', { node: 'pve', | })");
    expect(names).toEqual(expect.arrayContaining(['vmid', 'cores', 'net0', 'net31', 'scsi30', 'digest']));
    expect(names).not.toContain('net32');
    expect(names).not.toContain('node');
  });

  test('offers the values of an enumeration', () => {
    const values = offered(
      "client.request('PUT /nodes/{node}/qemu/{vmid}/config', { node: 'pve', vmid: 100, bios: '|' })",
    );
    expect(values.sort()).toEqual(['ovmf', 'seabios']);
  });

  test('offers what a call returns', () => {
    const names = offered(
      "(await client.request('GET /nodes/{node}/qemu/{vmid}/config', { node: 'pve', vmid: 100 })).|",
    );
    expect(names).toEqual(expect.arrayContaining(['cores', 'memory', 'virtio15']));
  });
});
