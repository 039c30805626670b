import { type OtherProperties, otherProperties } from './other-properties.js';
import { AGENT_SHAPE } from './property-shapes.js';
import { parsePropertyString, printPropertyString } from './property-string.js';

/** The setting `agent` of a machine. */
export interface AgentSetting extends OtherProperties {
  readonly enabled: boolean;
  readonly fstrimClonedDisks?: boolean;
  /** Freezes file systems for backups, snapshots and clones; `freeze-fs-on-backup` before PVE 9.2. */
  readonly freezeFs?: boolean;
  readonly type?: string;
}

/** @throws ProxmoxError PVE_PARAMETER when the text is no agent setting */
export function parseAgent(text: string): AgentSetting {
  const {
    enabled,
    type,
    fstrim_cloned_disks: fstrim,
    'freeze-fs': freeze,
    ...rest
  } = parsePropertyString(AGENT_SHAPE, text);
  return {
    enabled: isOn(enabled ?? '0'),
    ...(fstrim === undefined ? {} : { fstrimClonedDisks: isOn(fstrim) }),
    ...(freeze === undefined ? {} : { freezeFs: isOn(freeze) }),
    ...(type === undefined ? {} : { type }),
    ...otherProperties(rest),
  };
}

/** Prints the setting; `freezeFs` under the name that PVE 8.4 and 9 both know. */
export function printAgent({ enabled, fstrimClonedDisks, freezeFs, type, others }: AgentSetting): string {
  return printPropertyString(AGENT_SHAPE, {
    enabled: flag(enabled),
    'freeze-fs-on-backup': freezeFs === undefined ? undefined : flag(freezeFs),
    fstrim_cloned_disks: fstrimClonedDisks === undefined ? undefined : flag(fstrimClonedDisks),
    type,
    ...others,
  });
}

function isOn(text: string): boolean {
  return /^(?:1|on|yes|true)$/i.test(text);
}

function flag(value: boolean): string {
  return value ? '1' : '0';
}
