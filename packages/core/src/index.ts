export type { ActionLabel, GuestSummary, PhoenixEvent, RunSummary } from './apply/phoenix-event.js';
export type { CatalogueImage } from './config/catalogue-image.js';
export { createConfigError } from './config/config-error.js';
export type { ConfigProblem, ConfigProblemKind, SourcePosition } from './config/config-problem.js';
export { configSchemaWithFeatures } from './config/config-schema-with-features.js';
export { type FindConfigOptions, findConfigFiles } from './config/find-config-files.js';
export { formatConfigPath, formatConfigProblem } from './config/format-config-problem.js';
export { IMAGE_CATALOGUE, mirrorImage } from './config/image-catalogue.js';
export { configJsonSchema, type JsonSchemaNode } from './config/json-schema.js';
export { LEGACY_KEYS } from './config/legacy-keys.js';
export {
  type LoadConfigOptions,
  loadConfig,
  readConfigSources,
  withFileSystem,
} from './config/load-config.js';
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
export { nearestName } from './config/nearest-name.js';
export {
  type ConfigSource,
  inspectConfig,
  type ParseConfigOptions,
  type ParsedConfig,
  parseConfig,
} from './config/parse-config.js';
export { printConfig } from './config/print-config.js';
export { PhoenixError, type PhoenixErrorOptions } from './errors/phoenix-error.js';
export {
  type ErrorCodeRow,
  PHOENIX_ERROR_CODES,
  type PhoenixErrorCode,
} from './errors/phoenix-error-codes.js';
export { type ImportedConfig, type ImportRequest, importGuests } from './import/import-guests.js';
export type {
  Inventory,
  ObservedGuest,
  ObservedNode,
  ObservedStorage,
  ResourceRow,
  WireValue,
} from './observe/inventory.js';
export type { Marker } from './observe/marker.js';
export { createOrchestrator, type OrchestratorSetup } from './orchestrator/create-orchestrator.js';
export { inspectFeatures } from './orchestrator/gather-materials.js';
export type {
  ApplyOptions,
  DeleteOptions,
  GuestStatus,
  ImportGuestsOptions,
  Orchestrator,
  PlanOptions,
  PowerOptions,
  Targets,
} from './orchestrator/orchestrator.js';
export {
  type Action,
  type ActionKind,
  actionKindSchema,
  actionSchema,
  actionSymbols,
  type Change,
  changeSchema,
  type GuestPlan,
  guestPlanSchema,
  isEmptyPlan,
  listActions,
  type Notice,
  noticeSchema,
  type Plan,
  type PlanValue,
  planSchema,
  type Reason,
  reasonSchema,
  type StepName,
  stepNameSchema,
} from './plan/plan.js';
export { createRedactor, REDACTED, type Redactor } from './secrets/redactor.js';
export {
  isSecretReference,
  type Resolved,
  resolveSecrets,
  writtenSecrets,
} from './secrets/resolve-secrets.js';
export {
  createSecretResolver,
  type SecretResolver,
  type SecretResolverOptions,
} from './secrets/secret-resolver.js';
