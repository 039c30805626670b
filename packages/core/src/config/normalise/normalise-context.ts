import type { CatalogueImage } from '../catalogue-image.js';
import type { ConfigProblem, SourcePosition } from '../config-problem.js';
import type { UserDataTemplate } from '../model.js';
import { locate, locateKey, type NodePath, type SourceNode } from '../source/source-node.js';

/** What turning one declared guest into the model needs beside the declaration. */
export interface NormaliseContext {
  /** The guest's own tree, defaults merged, for places. */
  readonly node: SourceNode;
  /** Where it stands in its file: `['vms', 1]`. */
  readonly path: NodePath;
  /** Directory of its file. */
  readonly directory: string;
  readonly images: Readonly<Record<string, CatalogueImage>>;
  /** The `template` of the defaults. */
  readonly defaultImage?: { readonly name: string; readonly position: SourcePosition };
  readonly homeDirectory?: string;
  readonly readTemplate: (path: string | undefined, position: SourcePosition) => UserDataTemplate | undefined;
  readonly report: (problem: ConfigProblem) => void;
}

type Finding = Pick<ConfigProblem, 'kind' | 'message'> & Partial<ConfigProblem>;

/** Reports an error at a path of the guest. */
export function reportAt(context: NormaliseContext, path: NodePath, finding: Finding): void {
  context.report({
    severity: 'error',
    ...locate(context.node, path),
    path: [...context.path, ...path],
    ...finding,
  });
}

export function placeOf(context: NormaliseContext, path: NodePath): SourcePosition {
  return locate(context.node, path);
}

export function placeOfKey(context: NormaliseContext, path: NodePath): SourcePosition {
  return locateKey(context.node, path);
}
