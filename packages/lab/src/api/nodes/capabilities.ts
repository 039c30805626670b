import type { JsonObject } from '../../state/json.js';
import type { LabRelease } from '../../state/lab-state.js';

/** Versions of QEMU machine types, newest first; behind a colon the only chipset meant (`qemu-system-x86_64 -M help` and PVE's own revisions). */
const MACHINE_VERSIONS: readonly string[] = [
  '10.0+pve1',
  '10.0',
  '9.2+pve1',
  '9.2',
  '9.1',
  '9.0',
  '8.2',
  '8.1',
  '8.0',
  '7.2',
  '7.1',
  '7.0',
  '6.2',
  '6.1',
  '6.0',
  '5.2',
  '5.1',
  '5.0',
  '4.2',
  '4.1+pve2',
  '4.1+pve1',
  '4.1',
  '4.0:i440fx',
  '4.0.1:q35',
  '4.0:q35',
  '3.1',
  '3.0',
  '2.12',
  '2.11',
  '2.10',
  '2.9',
  '2.8',
  '2.7',
  '2.6',
  '2.5',
  '2.4',
];

/** What a revision of PVE changed. */
const MACHINE_CHANGES: Readonly<Record<string, string>> = {
  '10.0+pve1': 'Set host_mtu vNIC option even with default value for migration compat.',
  '9.2+pve1': 'Disables S3/S4 power states by default.',
  '4.1+pve2': 'Increases the number of SCSI drives supported.',
  '4.1+pve1': 'Introduction of pveX versioning, no changes.',
};

/** The machine types that a node offers. 8.4 sorts them by name, backwards, and does not know the newest revision. */
export function machineTypes(release: LabRelease): readonly JsonObject[] {
  const entries = MACHINE_VERSIONS.flatMap((entry) => {
    const [version = '', only] = entry.split(':');
    const changes = MACHINE_CHANGES[version];
    return ['i440fx', 'q35']
      .filter((type) => only === undefined || only === type)
      .map(
        (type): JsonObject => ({
          id: `pc-${type}-${version}`,
          type,
          version,
          ...(changes === undefined ? {} : { changes }),
        }),
      );
  });
  if (release !== '8.4') return entries;
  const known = entries.filter((entry) => entry.version !== '10.0+pve1');
  return known.sort((a, b) => (String(a.id) > String(b.id) ? -1 : 1));
}

const INTEL: readonly string[] = [
  '486',
  'Broadwell',
  'Broadwell-IBRS',
  'Broadwell-noTSX',
  'Broadwell-noTSX-IBRS',
  'Cascadelake-Server',
  'Cascadelake-Server-noTSX',
  'Cascadelake-Server-v2',
  'Cascadelake-Server-v4',
  'Cascadelake-Server-v5',
  'ClearwaterForest',
  'Conroe',
  'Cooperlake',
  'Cooperlake-v2',
  'GraniteRapids',
  'GraniteRapids-v2',
  'GraniteRapids-v3',
  'Haswell',
  'Haswell-IBRS',
  'Haswell-noTSX',
  'Haswell-noTSX-IBRS',
  'Icelake-Client',
  'Icelake-Client-noTSX',
  'Icelake-Server',
  'Icelake-Server-noTSX',
  'Icelake-Server-v3',
  'Icelake-Server-v4',
  'Icelake-Server-v5',
  'Icelake-Server-v6',
  'Icelake-Server-v7',
  'IvyBridge',
  'IvyBridge-IBRS',
  'KnightsMill',
  'Nehalem',
  'Nehalem-IBRS',
  'Penryn',
  'SandyBridge',
  'SandyBridge-IBRS',
  'SapphireRapids',
  'SapphireRapids-v2',
  'SapphireRapids-v3',
  'SapphireRapids-v4',
  'SierraForest',
  'SierraForest-v2',
  'SierraForest-v3',
  'Skylake-Client',
  'Skylake-Client-IBRS',
  'Skylake-Client-noTSX-IBRS',
  'Skylake-Client-v4',
  'Skylake-Server',
  'Skylake-Server-IBRS',
  'Skylake-Server-noTSX-IBRS',
  'Skylake-Server-v4',
  'Skylake-Server-v5',
  'Westmere',
  'Westmere-IBRS',
  'core2duo',
  'coreduo',
  'pentium',
  'pentium2',
  'pentium3',
];
const AMD: readonly string[] = [
  'EPYC',
  'EPYC-Genoa',
  'EPYC-Genoa-v2',
  'EPYC-IBPB',
  'EPYC-Milan',
  'EPYC-Milan-v2',
  'EPYC-Milan-v3',
  'EPYC-Rome',
  'EPYC-Rome-v2',
  'EPYC-Rome-v3',
  'EPYC-Rome-v4',
  'EPYC-Rome-v5',
  'EPYC-Turin',
  'EPYC-v3',
  'EPYC-v4',
  'EPYC-v5',
  'Opteron_G1',
  'Opteron_G2',
  'Opteron_G3',
  'Opteron_G4',
  'Opteron_G5',
  'athlon',
  'phenom',
];
const OTHER: readonly (readonly [string, string])[] = [
  ['host', 'default'],
  ['kvm32', 'default'],
  ['kvm64', 'default'],
  ['max', 'default'],
  ['qemu32', 'default'],
  ['qemu64', 'default'],
  ['x86-64-v2', 'default'],
  ['x86-64-v2-AES', 'default'],
  ['x86-64-v3', 'default'],
  ['x86-64-v4', 'default'],
];

/** Models that came after 8.4. */
const NEWER_MODELS: ReadonlySet<string> = new Set([
  'ClearwaterForest',
  'EPYC-Genoa-v2',
  'EPYC-Milan-v3',
  'EPYC-Rome-v5',
  'EPYC-Turin',
  'EPYC-v5',
  'GraniteRapids-v2',
  'GraniteRapids-v3',
  'Icelake-Server-v7',
  'SapphireRapids-v3',
  'SapphireRapids-v4',
  'SierraForest',
  'SierraForest-v2',
  'SierraForest-v3',
]);

/** CPU models with their vendor. */
export function cpuModels(release: LabRelease): readonly (readonly [string, string])[] {
  const all: (readonly [string, string])[] = [
    ...INTEL.map((name): readonly [string, string] => [name, 'GenuineIntel']),
    ...AMD.map((name): readonly [string, string] => [name, 'AuthenticAMD']),
    ...OTHER,
  ];
  return release === '8.4' ? all.filter(([name]) => !NEWER_MODELS.has(name)) : all;
}
