/** What ordering needs to know of a feature. */
export interface OrderedFeature {
  readonly name: string;
  readonly requires: readonly string[];
  readonly after: readonly string[];
}

export type FeatureOrder =
  | { readonly kind: 'ordered'; readonly names: readonly string[] }
  /** The way round: `['a', 'b', 'a']`. */
  | { readonly kind: 'cycle'; readonly cycle: readonly string[] };

/** Yields the names so that each comes after what it `requires` and `after`; otherwise in the given order. Pure. */
export function orderFeatures(features: readonly OrderedFeature[]): FeatureOrder {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const done = new Set<string>();
  const path: string[] = [];
  let cycle: readonly string[] | undefined;

  const visit = (name: string): void => {
    const feature = byName.get(name);
    if (feature === undefined || done.has(name) || cycle !== undefined) return;
    const seen = path.indexOf(name);
    if (seen >= 0) {
      cycle = [...path.slice(seen), name];
      return;
    }
    path.push(name);
    for (const earlier of [...feature.requires, ...feature.after]) visit(earlier);
    path.pop();
    if (cycle === undefined) done.add(name);
  };

  for (const feature of features) visit(feature.name);
  return cycle === undefined ? { kind: 'ordered', names: [...done] } : { kind: 'cycle', cycle };
}
