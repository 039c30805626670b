// What `turbo boundaries` cannot see: a devDependency is an arrow for tests only. Shipped source of
// the leaves and of core never imports the lab, nor anything else that is not a runtime dependency.
// Usage: node tooling/check-arrows.mjs [root]
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import { listPackages, root } from './workspace.mjs';

const IMPORT =
  /(?:^|[\s;])(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|[\s;])import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

const at = process.argv[2] ?? root;
const problems = listPackages(at).flatMap(({ folder, manifest }) => {
  const allowed = new Set([
    manifest.name,
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
  return listShippedSources(join(folder, 'src')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(IMPORT)]
      .map((match) => match[1] ?? match[2] ?? match[3])
      .filter(
        (specifier) =>
          !specifier.startsWith('.') && !isBuiltin(specifier) && !allowed.has(packageOf(specifier)),
      )
      .map(
        (specifier) =>
          `${relative(at, file)} imports ${specifier}, which is no runtime dependency of ${manifest.name}`,
      ),
  );
});

for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0
    ? 'arrows: every shipped import is a declared runtime dependency'
    : `arrows: ${problems.length} forbidden`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

function listShippedSources(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
