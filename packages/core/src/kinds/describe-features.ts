import type { CloudConfigPart } from '@phoenix/cloudinit';
import type { ResolvedFeature } from '@phoenix/features';
import { z } from 'zod';

const partSchema = z.record(z.string(), z.json());

/** The cloud-config that features add to the seeds of machines that have them. Pure. */
export function describeFeatures(features: readonly ResolvedFeature[]): readonly CloudConfigPart[] {
  return features.flatMap(({ name, feature, options }) => {
    if (feature.cloudConfig === undefined) return [];
    return [{ source: `feature ${name}`, config: partSchema.parse(feature.cloudConfig({ options })) }];
  });
}
