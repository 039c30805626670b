import { dirname, isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import type { CatalogueImage } from './catalogue-image.js';
import type { ConfigProblem, SourcePosition } from './config-problem.js';
import { IMAGE_CATALOGUE, mirrorImage } from './image-catalogue.js';
import type { ContainerShellChoice, DeclaredGuest, UserDataTemplate } from './model.js';
import { definedOnly } from './normalise/defined-only.js';
import { normaliseContainer } from './normalise/normalise-container.js';
import { normaliseContainerShell } from './normalise/normalise-container-shell.js';
import type { NormaliseContext } from './normalise/normalise-context.js';
import { normaliseMachine } from './normalise/normalise-machine.js';
import type { ConfigSource, ParseConfigOptions } from './parse-config.js';
import { ConfigFile } from './schema/config-file.js';
import { Container, ContainerDefaults } from './schema/container.js';
import { Machine, MachineDefaults } from './schema/machine.js';
import { parseSource } from './source/parse-source.js';
import {
  locateKey,
  mergeNodes,
  type NodePath,
  type ObjectNode,
  positionOf,
  type SourceNode,
  withoutKeys,
} from './source/source-node.js';
import { validateNode } from './validate-node.js';

/** What one file declares. */
export interface ReadConfigFile {
  readonly guests: readonly DeclaredGuest[];
  readonly images: Readonly<Record<string, CatalogueImage>>;
  readonly featurePacks: readonly string[];
  readonly featureDirectories: readonly string[];
  readonly containerShell?: { readonly choice: ContainerShellChoice; readonly position: SourcePosition };
  readonly problems: readonly ConfigProblem[];
}

const GUEST_SECTIONS = ['vm_defaults', 'vms', 'lxc_defaults', 'lxc_configs'];

/** Reads, checks and normalises one file; problems are collected, nothing is thrown. */
export function readConfigFile({ file, text }: ConfigSource, options: ParseConfigOptions): ReadConfigFile {
  const problems: ConfigProblem[] = [];
  const nothing = { guests: [], images: {}, featurePacks: [], featureDirectories: [], problems };
  const parsed = parseSource(file, text);
  problems.push(...parsed.problems);
  const root = parsed.root;
  if (root === undefined) return nothing;
  problems.push(...findReservedKeys(root, []));
  const strict = options.strict ?? false;
  if (root.kind !== 'object') {
    problems.push(...validateNode(ConfigFile, root, { path: [], strict }).problems);
    return nothing;
  }
  // The frame alone: guests are checked one by one, with their defaults merged.
  const frame = validateNode(ConfigFile, withoutKeys(root, GUEST_SECTIONS), { path: [], strict });
  problems.push(...frame.problems);
  const directory = dirname(resolve(file));
  const images = catalogue(frame.value?.images ?? {}, options.imageMirror);
  const shared: SharedContext = {
    directory,
    images,
    ...(options.homeDirectory === undefined ? {} : { homeDirectory: options.homeDirectory }),
    readTemplate: templateReader(directory, options, problems),
    report: (problem) => problems.push(problem),
  };
  if (!root.entries.has('vms') && !root.entries.has('lxc_configs')) {
    problems.push({
      ...positionOf(root),
      severity: problems.some(({ kind }) => kind === 'unknown-key') ? 'error' : 'warning',
      kind: 'missing-value',
      path: [],
      message: 'The file declares no guests.',
      hint: 'Machines stand under "vms", containers under "lxc_configs".',
    });
  }
  const guests = [...readMachines(root, shared, strict), ...readContainers(root, shared, strict)];
  return {
    guests,
    images,
    featurePacks: (frame.value?.feature_packs ?? []).map((pack) =>
      /^\.{1,2}\//.test(pack) ? resolve(directory, pack) : pack,
    ),
    featureDirectories: (frame.value?.feature_directories ?? []).map((path) => resolve(directory, path)),
    ...(frame.value?.container_shell === undefined
      ? {}
      : {
          containerShell: {
            choice: normaliseContainerShell(frame.value.container_shell, shared),
            position: locateKey(root, ['container_shell']),
          },
        }),
    problems,
  };
}

/** JavaScript gives this key a meaning of its own, and validators drop it without a word; so it is refused aloud. */
function findReservedKeys(node: SourceNode, path: NodePath): readonly ConfigProblem[] {
  if (node.kind === 'scalar') return [];
  if (node.kind === 'array')
    return node.items.flatMap((item, index) => findReservedKeys(item, [...path, index]));
  return [...node.entries].flatMap(([key, entry]) => {
    if (key !== '__proto__') return findReservedKeys(entry.value, [...path, key]);
    const place = positionOf(entry.key);
    const message = 'No key may be called "__proto__".';
    return [{ ...place, severity: 'error', kind: 'invalid-value', path: [...path, key], message } as const];
  });
}

type SharedContext = Omit<NormaliseContext, 'node' | 'path' | 'defaultImage'>;

function readMachines(root: ObjectNode, shared: SharedContext, strict: boolean): readonly DeclaredGuest[] {
  const { defaults, defaultImage } = readDefaults(root, 'vm_defaults', MachineDefaults, shared, strict);
  const list = root.entries.get('vms')?.value;
  if (list === undefined || (list.kind === 'scalar' && list.value === null)) return [];
  if (list.kind !== 'array') {
    reportKind(list, ['vms'], 'an array of machines', shared);
    return [];
  }
  return list.items.flatMap((item, index): DeclaredGuest[] => {
    const path = ['vms', index];
    const node = layOver(defaults, item);
    const { value, problems } = validateNode(Machine, node, { path, strict });
    problems.forEach(shared.report);
    return value === undefined
      ? []
      : [
          normaliseMachine(value, {
            ...shared,
            node,
            path,
            ...(defaultImage === undefined ? {} : { defaultImage }),
          }),
        ];
  });
}

function readContainers(root: ObjectNode, shared: SharedContext, strict: boolean): readonly DeclaredGuest[] {
  const { defaults, defaultImage } = readDefaults(root, 'lxc_defaults', ContainerDefaults, shared, strict);
  const section = root.entries.get('lxc_configs')?.value;
  if (section === undefined || (section.kind === 'scalar' && section.value === null)) return [];
  if (section.kind !== 'object') {
    reportKind(section, ['lxc_configs'], 'an object of containers by id', shared);
    return [];
  }
  return [...section.entries].flatMap(([id, entry]): DeclaredGuest[] => {
    const path = ['lxc_configs', id];
    if (!/^[1-9]\d{2,8}$/.test(id)) {
      shared.report({
        ...positionOf(entry.key),
        severity: 'error',
        kind: 'invalid-value',
        path,
        message: 'The key is not the id of a container.',
        expected: 'a number from 100 to 999999999 in quotes',
        got: JSON.stringify(id),
      });
      return [];
    }
    const node = layOver(defaults, entry.value);
    const { value, problems } = validateNode(Container, node, { path, strict });
    problems.forEach(shared.report);
    return value === undefined
      ? []
      : [
          normaliseContainer(Number(id), value, {
            ...shared,
            node,
            path,
            ...(defaultImage === undefined ? {} : { defaultImage }),
          }),
        ];
  });
}

/** Defaults without `template`, which is not laid under guests but used where they name no source. */
function readDefaults(
  root: ObjectNode,
  key: 'vm_defaults' | 'lxc_defaults',
  schema: z.ZodType,
  shared: SharedContext,
  strict: boolean,
): { readonly defaults?: ObjectNode; readonly defaultImage?: { name: string; position: SourcePosition } } {
  const node = root.entries.get(key)?.value;
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return {};
  validateNode(schema, node, { path: [key], strict }).problems.forEach(shared.report);
  if (node.kind !== 'object') return {};
  const template = node.entries.get('template')?.value;
  const defaults = withoutKeys(node, ['template']);
  if (template?.kind !== 'scalar' || typeof template.value !== 'string') return { defaults };
  return { defaults, defaultImage: { name: template.value, position: positionOf(template) } };
}

function layOver(defaults: ObjectNode | undefined, guest: SourceNode): SourceNode {
  return defaults === undefined ? guest : mergeNodes(defaults, guest);
}

function reportKind(node: SourceNode, path: NodePath, expected: string, shared: SharedContext): void {
  shared.report({
    ...positionOf(node),
    severity: 'error',
    kind: 'invalid-value',
    path,
    message: `${JSON.stringify(path.at(-1))} is not valid.`,
    expected,
    got: node.kind === 'scalar' ? JSON.stringify(node.value) : `an ${node.kind}`,
  });
}

type ImageInput = NonNullable<z.output<typeof ConfigFile>['images']>;

function catalogue(own: ImageInput, mirror: string | undefined): Readonly<Record<string, CatalogueImage>> {
  const builtIn = Object.entries(IMAGE_CATALOGUE).map(
    ([name, image]) => [name, mirror === undefined ? image : mirrorImage(image, mirror)] as const,
  );
  const declared = Object.entries(own).map(([name, image]) => {
    const [algorithm, checksum] = image.checksum?.split(':') ?? [];
    const entry: CatalogueImage = definedOnly({
      fileName: decodeURIComponent(new URL(image.url).pathname.split('/').at(-1) ?? '') || name,
      url: image.url,
      checksumUrl: image.checksum_url,
      checksumAlgorithm:
        algorithm === 'sha512' || (algorithm === undefined && /sha512/i.test(image.checksum_url ?? ''))
          ? 'sha512'
          : algorithm === undefined && image.checksum_url === undefined
            ? undefined
            : 'sha256',
      checksum: checksum?.toLowerCase(),
      title: image.title ?? name,
      defaultUser: image.default_user,
      hasAgent: image.has_agent ?? false,
    });
    return [name, entry] as const;
  });
  return Object.fromEntries([...builtIn, ...declared]);
}

/** Reads each template once; the one beside the configuration is used without being named. */
function templateReader(
  directory: string,
  { readTextFile, homeDirectory }: ParseConfigOptions,
  problems: ConfigProblem[],
): NormaliseContext['readTemplate'] {
  const known = new Map<string, UserDataTemplate | undefined>();
  return (named, position) => {
    if (readTextFile === undefined) return undefined;
    const written = named ?? 'user-data.template.yml';
    const expanded =
      written.startsWith('~/') && homeDirectory !== undefined
        ? `${homeDirectory}${written.slice(1)}`
        : written;
    const path = isAbsolute(expanded) ? expanded : resolve(directory, expanded);
    if (!known.has(path)) {
      const text = readTextFile(path);
      known.set(path, text === undefined ? undefined : { path, text });
    }
    const template = known.get(path);
    if (template === undefined && named !== undefined) {
      problems.push({
        ...position,
        severity: 'error',
        kind: 'file',
        path: [],
        message: `The template of the user-data is not there: ${path}.`,
        hint: 'Paths are relative to the file that names them.',
      });
    }
    return template;
  };
}
