export { CloudinitError, type CloudinitErrorOptions } from './cloudinit-error.js';
export {
  CLOUDINIT_ERROR_CODES,
  type CloudinitErrorCode,
  type ErrorCodeRow,
} from './cloudinit-error-codes.js';
export { hashPassword, isPasswordHash, saltFor } from './hash-password.js';
export { type IsoFile, type IsoOptions, writeIso } from './iso/write-iso.js';
export { renderMetaData } from './render-meta-data.js';
export { renderNetworkConfig } from './render-network-config.js';
export { renderSeed } from './render-seed.js';
export type {
  CloudConfigPart,
  JsonObject,
  JsonValue,
  RenderedSeed,
  Seed,
  SeedAddress,
  SeedInput,
  SeedNetwork,
  SeedNotice,
  SeedUser,
  UserDataTemplate,
} from './seed.js';
export { seedDigest, seedFiles } from './seed-digest.js';
export { BUILT_IN_TEMPLATE } from './user-data/built-in-template.js';
export { GUEST_AGENT_SCRIPT, GUEST_AGENT_SCRIPT_PATH } from './user-data/guest-agent-script.js';
export { mergeCloudConfigs } from './user-data/merge-cloud-configs.js';
export { validateSeed } from './validate-seed.js';
export { writeNoCloudIso } from './write-nocloud-iso.js';
export { toYaml } from './yaml/to-yaml.js';
