import { expect, test } from 'vitest';
import * as cloudinit from './index.js';

test('the package exports these names', () => {
  expect(Object.keys(cloudinit).sort()).toMatchInlineSnapshot(`
    [
      "BUILT_IN_TEMPLATE",
      "CLOUDINIT_ERROR_CODES",
      "CloudinitError",
      "GUEST_AGENT_SCRIPT",
      "GUEST_AGENT_SCRIPT_PATH",
      "hashPassword",
      "isPasswordHash",
      "mergeCloudConfigs",
      "renderMetaData",
      "renderNetworkConfig",
      "renderSeed",
      "saltFor",
      "seedDigest",
      "seedFiles",
      "toYaml",
      "validateSeed",
      "writeIso",
      "writeNoCloudIso",
    ]
  `);
});
