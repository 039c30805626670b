import { makeBundle } from '../src/bundle/read-bundle.js';
import {
  defineFeature,
  type FeatureDefinition,
  type ResolvedFeature,
  resolveFeatures,
  z,
} from '../src/index.js';

/** Yields a feature of scripts given as text, resolved with options. */
export function scriptFeature(
  scripts: Readonly<Record<string, string | Uint8Array>>,
  more: Partial<FeatureDefinition<z.ZodType>> = {},
  options: unknown = {},
): ResolvedFeature {
  const hooks = Object.fromEntries(
    ['check', 'apply', 'verify', 'remove'].flatMap((hook) =>
      `${hook}.sh` in scripts ? [[hook, `${hook}.sh`]] : [],
    ),
  );
  const feature = defineFeature({
    name: 'sample',
    version: '1.0.0',
    description: 'A sample.',
    options: z.record(z.string(), z.json()),
    files: new URL('file:///nowhere/'),
    apply: 'apply.sh',
    ...hooks,
    ...more,
  });
  const bundle = makeBundle(
    Object.entries(scripts).map(([path, text]) => ({
      path,
      mode: 0o600,
      content: typeof text === 'string' ? Buffer.from(text) : text,
    })),
    Object.values(feature.hooks).map(({ script }) => script),
  );
  const catalogue = new Map([[feature.name, { feature, bundle, source: { kind: 'built-in' } as const }]]);
  const [resolved] = resolveFeatures(catalogue, [{ name: feature.name, options }]);
  if (resolved === undefined) throw new Error('nothing was resolved');
  return resolved;
}

/** Collects a run's events; the error that ended it, if any, comes back beside them. */
export async function collect<T>(
  events: AsyncIterable<T>,
): Promise<{ readonly events: T[]; readonly error: unknown }> {
  const seen: T[] = [];
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    return { events: seen, error };
  }
  return { events: seen, error: undefined };
}
