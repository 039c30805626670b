import { toYaml } from './yaml/to-yaml.js';

/** The meta-data of a seed. A new `instanceId` makes cloud-init treat the boot as a first one. */
export function renderMetaData(metaData: { readonly instanceId: string; readonly hostname: string }): string {
  return toYaml({ 'instance-id': metaData.instanceId, 'local-hostname': metaData.hostname });
}
