#!/usr/bin/env node
// Usage: node tooling/proxmox-schema/generate.mjs 8.4=SOURCE 9.2=SOURCE
// SOURCE is a JSON file of the API tree, a saved apidoc.js, or https://NODE:8006.
// Without arguments the TypeScript is printed anew from the facts that are checked in.
import { readFile, writeFile } from 'node:fs/promises';
import { extractFacts } from './extract-facts.mjs';
import { mergeReleases } from './merge-releases.mjs';
import { printFacts, readPrintedFacts } from './print-facts.mjs';
import { printTypes } from './print-types.mjs';
import { readSchema } from './read-schema.mjs';

const directory = new URL('../../packages/proxmox-client/src/schema/generated/', import.meta.url);
const factsFile = new URL('facts.ts', directory);

const sources = process.argv.slice(2).map((argument) => {
  const [, release, source] = /^([^=]+)=(.+)$/.exec(argument) ?? [];
  if (!release) throw new Error(`expected RELEASE=SOURCE, got ${argument}`);
  return { release, source };
});

const facts =
  sources.length === 0
    ? readPrintedFacts(await readFile(factsFile, 'utf8'))
    : mergeReleases(
        await Promise.all(
          sources.map(async ({ release, source }) => ({
            release,
            routes: extractFacts(await readSchema(source)),
          })),
        ),
      );

await writeFile(factsFile, printFacts(facts));
await writeFile(new URL('routes.ts', directory), printTypes(facts));
console.log(
  `${Object.keys(facts.routes).length} routes of PVE ${facts.releases.join(' and ')}, ${facts.values.length} value descriptions`,
);
