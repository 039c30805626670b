export { createToken, type NewToken } from './access/create-token.js';
export { getPermissions, type Permissions } from './access/get-permissions.js';
export { type AgentQuestion, agentCommand } from './agent/agent-command.js';
export { AGENT_STDIN_LIMIT, type AgentCommand, type AgentExecResult, agentExec } from './agent/agent-exec.js';
export { agentPing } from './agent/agent-ping.js';
export { agentReadFile } from './agent/agent-read-file.js';
export type { AgentRef } from './agent/agent-ref.js';
export { agentWriteFile } from './agent/agent-write-file.js';
export type { SecondFactor, TicketLogin } from './auth/ticket-authorization.js';
export type { Secret } from './auth/token-authorization.js';
export type { ProxmoxClientOptions } from './client/client-options.js';
export { createProxmoxClient } from './client/create-proxmox-client.js';
export type { Exchange, ProxmoxClient, ReleaseClient, RequestOptions } from './client/proxmox-client.js';
export { getVersion } from './cluster/get-version.js';
export { type ClusterNode, listNodes } from './cluster/list-nodes.js';
export { listResources, type Resource } from './cluster/list-resources.js';
export { nextVmid } from './cluster/next-vmid.js';
export { type ErrorCodeRow, PROXMOX_ERROR_CODES, type ProxmoxErrorCode } from './errors/error-codes.js';
export { isProxmoxError, ProxmoxError, type ProxmoxErrorFacts } from './errors/proxmox-error.js';
export { type CloneOptions, cloneGuest } from './guests/clone-guest.js';
export { convertToTemplate } from './guests/convert-to-template.js';
export { createGuest } from './guests/create-guest.js';
export { type DeleteGuestOptions, deleteGuest } from './guests/delete-guest.js';
export { getGuestConfig } from './guests/get-guest-config.js';
export { getGuestPending, type PendingEntry } from './guests/get-guest-pending.js';
export { getGuestStatus } from './guests/get-guest-status.js';
export type { GuestKind, GuestRef, GuestSettings, LxcConfig, QemuConfig } from './guests/guest-ref.js';
export { rebootGuest } from './guests/reboot-guest.js';
export { type LxcDisk, type QemuDisk, resizeDisk } from './guests/resize-disk.js';
export { shutdownGuest } from './guests/shutdown-guest.js';
export { startGuest } from './guests/start-guest.js';
export { stopGuest } from './guests/stop-guest.js';
export {
  type ConfigChange,
  updateGuestConfig,
  updateGuestConfigAsTask,
} from './guests/update-guest-config.js';
export { type AgentSetting, parseAgent, printAgent } from './property-strings/agent.js';
export { type Boot, parseBoot, printBoot } from './property-strings/boot.js';
export { type Drive, equalDrives, parseDrive, printDrive } from './property-strings/drive.js';
export { equalSettings } from './property-strings/equal-settings.js';
export { type IpConfig, parseIpConfig, printIpConfig } from './property-strings/ip-config.js';
export {
  equalNets,
  type LxcNet,
  type Net,
  parseLxcNet,
  parseNet,
  printLxcNet,
  printNet,
} from './property-strings/net.js';
export { parseSetting, printSetting } from './property-strings/parse-setting.js';
export { type Properties, parseSize, printSize } from './property-strings/property-string.js';
export { parseSshKeys, printSshKeys } from './property-strings/ssh-keys.js';
export { parseStartup, printStartup, type Startup } from './property-strings/startup.js';
export { equalTags, parseTags, printTags } from './property-strings/tags.js';
export type {
  Release,
  RequestArguments,
  Route,
  RouteData,
  RouteParameters,
  RoutesByRelease,
} from './schema/route-types.js';
export type { PermissionFacts, RouteFacts, SchemaFacts, ValueFacts } from './schema/schema-facts.js';
export { loadSchemaFacts } from './schema/schema-facts.js';
export { createSnapshot } from './snapshots/create-snapshot.js';
export { deleteSnapshot } from './snapshots/delete-snapshot.js';
export { listSnapshots, type Snapshot } from './snapshots/list-snapshots.js';
export { rollbackSnapshot } from './snapshots/rollback-snapshot.js';
export { deleteVolume } from './storage/delete-volume.js';
export { downloadToStorage } from './storage/download-to-storage.js';
export { listStorages, type NodeStorage } from './storage/list-storages.js';
export { listVolumes, type Volume } from './storage/list-volumes.js';
export type { UploadSource } from './storage/upload-source.js';
export { type Upload, uploadVolume } from './storage/upload-volume.js';
export { cancelTask } from './tasks/cancel-task.js';
export { findTask } from './tasks/find-task.js';
export { getTaskStatus, type TaskStatus } from './tasks/get-task-status.js';
export { listTasks, type TaskEntry } from './tasks/list-tasks.js';
export { parseUpid, printUpid, type Upid } from './tasks/parse-upid.js';
export { readTaskLog, type TaskLogLine } from './tasks/read-task-log.js';
export { requireTaskOk, type TaskOutcome } from './tasks/task-outcome.js';
export { type WaitOptions, waitForTask } from './tasks/wait-for-task.js';
export { openTerminal, type Terminal, type TerminalOptions } from './terminal/open-terminal.js';
export type { Deadlines, OperationClass } from './transport/deadlines.js';
export { fetchFingerprint, type SeenCertificate } from './transport/fetch-fingerprint.js';
export type { WebSocketConnection, WebSocketRequest } from './transport/open-websocket.js';
export type { ApiAnswer, ApiRequest } from './transport/send-request.js';
