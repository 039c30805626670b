import { type FeatureCatalogue, type FeatureProblem, resolveFeatures } from '@phoenix/features';
import type { ConfigProblem, SourcePosition } from '../config-problem.js';
import type { DeclaredGuest } from '../model.js';

/** Features that no source defines, wrong options, wrong versions, conflicts and circles; all of them, each in its place. */
export function checkFeatures(
  guests: readonly DeclaredGuest[],
  catalogue: FeatureCatalogue,
): readonly ConfigProblem[] {
  return guests.flatMap((guest) => problemsOf(guest, catalogue).map((problem) => placed(guest, problem)));
}

function problemsOf(guest: DeclaredGuest, catalogue: FeatureCatalogue): readonly FeatureProblem[] {
  try {
    resolveFeatures(catalogue, guest.features);
    return [];
  } catch (error) {
    const problems = listedProblems(error);
    if (problems.length === 0) throw error;
    return problems;
  }
}

/** Errors of other packages are told apart by what they carry, not by their class. */
function listedProblems(error: unknown): readonly FeatureProblem[] {
  if (typeof error !== 'object' || error === null || !('problems' in error)) return [];
  return Array.isArray(error.problems) ? error.problems : [];
}

function placed(guest: DeclaredGuest, problem: FeatureProblem): ConfigProblem {
  return {
    ...placeOf(guest, ['features', ...problem.path]),
    severity: 'error',
    kind: problem.code === 'FEATURES_OPTIONS' ? 'invalid-value' : 'reference',
    path: [],
    // What was meant is said by `nearest`.
    message: `${guest.vmid} (${guest.name}): ${problem.message.replace(/; did you mean [^;]*\?$/, '.')}`,
    hint: problem.hint,
    ...(problem.nearest === undefined ? {} : { nearest: problem.nearest }),
  };
}

/** The nearest thing around a path that stands in the file. */
function placeOf(guest: DeclaredGuest, path: readonly (string | number)[]): SourcePosition {
  for (let length = path.length; length > 0; length -= 1) {
    const place = guest.positions[path.slice(0, length).join('.')];
    if (place !== undefined) return place;
  }
  return guest.position;
}
