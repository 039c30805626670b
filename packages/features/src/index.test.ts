import { expect, it } from 'vitest';
import * as features from './index.js';

it('The package exports these names', () => {
  expect(Object.keys(features).sort()).toMatchInlineSnapshot(`
    [
      "FEATURES_ERROR_CODES",
      "FEATURE_CONTRACT",
      "FEATURE_HOOKS",
      "FeaturesError",
      "GUEST_ROOT",
      "builtInFeatures",
      "checkFeatures",
      "compareReceipt",
      "defineFeature",
      "describeSource",
      "featuresSchema",
      "lintFeature",
      "loadFeatures",
      "optionsSchema",
      "readReceipts",
      "resolveFeatures",
      "runFeatures",
      "scaffoldFeature",
      "testFeature",
      "z",
    ]
  `);
});
