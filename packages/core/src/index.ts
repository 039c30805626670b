export type { CatalogueImage } from './config/catalogue-image.js';
export type { ConfigProblem, ConfigProblemKind, SourcePosition } from './config/config-problem.js';
export type {
  CloneSource,
  Config,
  DeclaredAddress,
  DeclaredContainer,
  DeclaredDiskVolume,
  DeclaredExtraDisk,
  DeclaredFeature,
  DeclaredFirewall,
  DeclaredFirewallRule,
  DeclaredGuest,
  DeclaredGuestCommon,
  DeclaredHealthCheck,
  DeclaredMachine,
  DeclaredMountPoint,
  DeclaredNetwork,
  DeclaredNfsVolume,
  DeclaredTimeouts,
  DeclaredUser,
  DeclaredVolume,
  ImageChecksum,
  ImageReference,
  JsonObject,
  JsonValue,
  PveOption,
  SecretReference,
  UserDataTemplate,
} from './config/model.js';
export { PhoenixError, type PhoenixErrorOptions } from './errors/phoenix-error.js';
export {
  type ErrorCodeRow,
  PHOENIX_ERROR_CODES,
  type PhoenixErrorCode,
} from './errors/phoenix-error-codes.js';
