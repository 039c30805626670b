import { isDeepStrictEqual } from 'node:util';
import type { ConfigProblem } from '../config-problem.js';
import type { ReadConfigFile } from '../read-config-file.js';

/** There is one way into containers for all files: a second one that differs is a problem of its file. */
export function checkContainerShells(
  files: readonly Pick<ReadConfigFile, 'containerShell'>[],
): readonly ConfigProblem[] {
  const [first, ...others] = files.flatMap(({ containerShell }) => containerShell ?? []);
  return others
    .filter(({ choice }) => !isDeepStrictEqual(choice, first?.choice))
    .map(({ position }) => ({
      ...position,
      severity: 'error',
      kind: 'conflict',
      path: ['container_shell'],
      message: 'Two files name different ways into containers.',
      hint: `The other stands in ${first?.position.file}:${first?.position.line}; keep one.`,
    }));
}
