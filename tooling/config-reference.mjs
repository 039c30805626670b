// The page docs/config.md, made from the JSON Schema of @phoenix/core and the prose below.

const INTRO = `# The configuration

One file, or several, declares the guests of a cluster as they shall be. Phoenix reads JSON, JSON with comments and trailing
commas, and YAML 1.2, and never writes to it.

Generated from the schemas in \`packages/core/src/config/schema\` by \`pnpm docs\`.

## Which files are read

In this order of choice; the first that gives a file wins:

1. \`--config FILE\`, which may be given several times;
2. \`PHOENIX_CONFIG\`, several paths separated as in \`PATH\`;
3. \`phoenix_vm_configs.json\` and \`phoenix_lxc_configs.json\` in the working directory, one or both;
4. \`phoenix.yaml\`, \`phoenix.yml\`, \`phoenix.json\` or \`phoenix.jsonc\` there;
5. the pair of 3. in \`/usr/local/phoenix_hypervisor/etc\`.

Machines and containers may stand in one file or in several; ids are one space over all of them. Defaults of a file hold for
the guests of that file. Relative paths in a file begin at its directory.

## A file

\`\`\`json
{
  "$schema": "./node_modules/@phoenix/core/config.schema.json",
  "vm_defaults": {
    "template": "ubuntu-24.04-standard",
    "cores": 2,
    "memory_mb": 4096,
    "disk_size_gb": 32,
    "storage_pool": "local-lvm",
    "network_bridge": "vmbr0",
    "user_config": { "username": "ops", "ssh_keys": [{ "$secret": "file:keys/ops.pub" }] }
  },
  "vms": [
    { "vmid": 9000, "name": "ubuntu-template", "is_template": true },
    {
      "vmid": 1001,
      "name": "web-01",
      "clone_from_vmid": 9000,
      "network_config": { "ip": "10.0.0.101/24", "gw": "10.0.0.1", "nameserver": "10.0.0.53" },
      "features": ["docker"],
      "health_check": { "command": "docker info", "retries": 5, "interval": "10s" }
    }
  ],
  "lxc_configs": {
    "2001": {
      "name": "dns",
      "template": "debian-12-standard_12.7-1_amd64.tar.zst",
      "storage_pool": "local-lvm",
      "storage_size_gb": 8,
      "memory_mb": 512,
      "network_config": { "bridge": "vmbr0", "ip": "10.0.0.53/24", "gw": "10.0.0.1" }
    }
  }
}
\`\`\`

The same in YAML, shortened; anchors and merge keys (\`<<\`) work:

\`\`\`yaml
vm_defaults: { cores: 2, memory_mb: 4096, storage_pool: local-lvm, network_bridge: vmbr0 }
vms:
  - vmid: 9000
    name: ubuntu-template
    is_template: true
    template_image: noble-server-cloudimg-amd64.img
\`\`\`

## How values come about

- **Defaults** are laid under each guest: objects key by key at any depth, everything else, arrays too, is replaced.
- **\`null\`** means "as if not written", also where a default stands: \`"gw": null\` takes a default gateway away.
- **A key that is not written** is left as the clone source or Proxmox VE has it, and never shown as a difference.
- **\`vm_defaults.template\`** is the image of machines that name neither \`template_image\` nor \`clone_from_vmid\`.
- **An interface without an address** uses DHCP. Without \`network_config\` and with \`network_bridge\` there is one such interface.
- **Disks only grow.** A clone that declares less than its source has is told so, and keeps the source's size.

## What is wrong is said at once

Every problem is reported in one run, with file, line and column, what was expected and what was found:

    phoenix.json:12:27: error: vms[1].network_config.ip: "ip" is not valid.
        expected dhcp, or an address with its prefix such as 10.0.0.101/24
        got "10.0.0.101"
        Add the prefix length, for example 10.0.0.101/24.

Unknown keys are warnings with the nearest known one; \`--strict\` makes them errors. Beyond single values Phoenix checks ids,
names, addresses and MAC addresses that stand twice, clone sources and dependencies that run in circles or are of the wrong kind,
gateways outside their network, and disks that would have to shrink. Clone sources that no file declares are looked up in the
cluster when it is observed; an undeclared dependency is a warning.

## Secrets

A secret is named, not written down. It is read last, when it is needed, and never shown: neither by messages, plans, events nor
records.

    { "$secret": "env:DB_PASSWORD" }         an environment variable
    { "$secret": "file:secrets/db.txt" }     a file, without the line break at its end; ~/ is the home directory
    { "$secret": "cmd:pass show db/root" }   the output of a program; no shell takes part

They may stand for \`user_config.password\`, for items of \`user_config.ssh_keys\`, and anywhere in the options of a feature.
`;

const SECTIONS = [
  ['## The file', [], 'Keys at the top of a file.'],
  ['## Machines: `vms[]`', ['vms', 0], 'Keys of a virtual machine.'],
  ['## `vm_defaults`', ['vm_defaults'], 'The keys of machines that may have a default:', 'names'],
  [
    '## Containers: `lxc_configs{}`',
    ['lxc_configs', '*'],
    'The key of each is its id, the value has these keys.',
  ],
  ['## `lxc_defaults`', ['lxc_defaults'], 'The keys of containers that may have a default:', 'names'],
  [
    '## `network_config` of a machine',
    ['vms', 0, 'network_config', 0],
    'One object, or an array with one for each interface (`net0`, `net1` …).',
  ],
  [
    '## `network_config` of a container',
    ['lxc_configs', '*', 'network_config', 0],
    'One object, or an array with one for each interface.',
  ],
  [
    '## `user_config`',
    ['vms', 0, 'user_config'],
    'The user that cloud-init makes on first boot, with all rights by sudo. In containers: root’s keys and password.',
  ],
  ['## `features[]`', ['vms', 0, 'features', 0], 'A name, or an object:'],
  [
    '## `volumes[]`',
    ['vms', 0, 'volumes', 0],
    'With `server` a directory of an NFS server, with `size_gb` a disk:',
  ],
  ['## `extra_disks[]`', ['vms', 0, 'extra_disks', 0], ''],
  [
    '## `mount_points[]`',
    ['lxc_configs', '*', 'mount_points', 0],
    'Exactly one of `size_gb`, `volume` and `host_path` says what is mounted.',
  ],
  ['## `snapshots`', ['vms', 0, 'snapshots'], ''],
  ['## `health_check`', ['vms', 0, 'health_check'], ''],
  ['## `timeouts`', ['vms', 0, 'timeouts'], ''],
  ['## `firewall`', ['vms', 0, 'firewall'], ''],
  ['## `firewall.rules[]`', ['vms', 0, 'firewall', 'rules', 0], ''],
  [
    '## `container_shell`',
    ['container_shell'],
    'See [containers.md](containers.md#the-way-inside). Keys of `kind` `ssh`:',
  ],
  ['## `images{}`', ['images', '*'], 'Each entry has a name, by which `template_image` finds it.'],
];

/** The page as Markdown. `schema` is the JSON Schema, `catalogue` the built-in images by name, `legacy` keys of earlier tools. */
export function configReference(schema, catalogue, legacy) {
  const parts = SECTIONS.flatMap(([title, path, text, form]) => [
    '',
    title,
    ...(text === '' ? [] : ['', text]),
    '',
    ...(form === 'names' ? names(objectsAt(schema, path)) : table(objectsAt(schema, path))),
  ]);
  return [INTRO.trimEnd(), ...parts, ...images(catalogue), ...legacyKeys(legacy), ''].join('\n');
}

function objectsAt(schema, path) {
  return path
    .reduce(
      (nodes, step) =>
        nodes.flatMap((node) => {
          if (typeof step === 'number') return alternatives(node.items ?? node);
          return alternatives(step === '*' ? node.additionalProperties : node.properties?.[step]);
        }),
      [schema],
    )
    .filter((node) => node.properties !== undefined);
}

function alternatives(node) {
  if (node === undefined || typeof node === 'boolean') return [];
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(alternatives);
}

function properties(objects) {
  const entries = new Map();
  for (const object of objects) {
    for (const [key, node] of Object.entries(object.properties)) {
      const required = objects.length === 1 && (object.required ?? []).includes(key);
      if (!entries.has(key)) entries.set(key, { node, required });
    }
  }
  return [...entries];
}

function names(objects) {
  return [
    `${properties(objects)
      .map(([key]) => `\`${key}\``)
      .join(', ')}.`,
  ];
}

function table(objects) {
  return [
    '| key | value | meaning |',
    '|---|---|---|',
    ...properties(objects).map(([key, { node, required }]) => {
      const meaning = description(node);
      return `| \`${key}\`${required ? ' (required)' : ''} | ${cell(kind(node))} | ${cell(meaning)} |`;
    }),
  ];
}

function description(node) {
  const own =
    node.description ?? alternatives(node).find((part) => part.description !== undefined)?.description ?? '';
  const [example] = node.examples ?? [];
  return example === undefined
    ? own
    : `${own} Example: \`${typeof example === 'string' ? example : JSON.stringify(example)}\`.`;
}

function kind(node) {
  return (
    [
      ...new Set(
        alternatives(node)
          .filter((part) => part.type !== 'null')
          .map(one),
      ),
    ].join(' or ') || 'any value'
  );
}

function one(node) {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.type === 'array') return node.items === undefined ? 'list' : `list of ${plural(kind(node.items))}`;
  if (node.type === 'integer' || node.type === 'number')
    return `${node.type === 'integer' ? 'whole number' : 'number'}${range(node)}`;
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'string') return 'text';
  if (node.type === 'object') return node.properties?.$secret === undefined ? 'object' : 'secret';
  return 'any value';
}

function plural(text) {
  return text === 'text' ? 'texts' : text === 'object' ? 'objects' : text;
}

function range({ minimum, maximum, exclusiveMinimum }) {
  const low = minimum ?? exclusiveMinimum;
  const bounded = maximum !== undefined && Math.abs(maximum) < Number.MAX_SAFE_INTEGER;
  if (low !== undefined && low > -Number.MAX_SAFE_INTEGER) {
    if (bounded) return `, ${low} to ${maximum}`;
    return exclusiveMinimum === undefined ? `, at least ${low}` : `, more than ${low}`;
  }
  return bounded ? `, at most ${maximum}` : '';
}

function images(catalogue) {
  const byFile = new Map();
  for (const [name, image] of Object.entries(catalogue)) {
    byFile.set(image.fileName, { image, names: [...(byFile.get(image.fileName)?.names ?? []), name] });
  }
  return [
    '',
    '## Images that are known by name',
    '',
    'Each is verified by the checksums that its publisher lists beside it. `PHOENIX_IMAGE_MIRROR` names a base URL under which all',
    'of them lie flat, with `SHA256SUMS` or `SHA512SUMS` beside them; the lab serves such a mirror.',
    '',
    '| names | what it is | from |',
    '|---|---|---|',
    ...[...byFile.values()].map(
      ({ image, names: all }) =>
        `| ${all.map((name) => `\`${name}\``).join(', ')} | ${image.title} | ${image.fileName === 'debian-lab.qcow2' ? 'only a mirror' : image.url} |`,
    ),
  ];
}

function legacyKeys(legacy) {
  return [
    '',
    '## Keys of earlier tools',
    '',
    'Files of the first users load unchanged. These keys are read, reported as not acted on, and have no effect:',
    '',
    '| key | instead |',
    '|---|---|',
    ...Object.entries(legacy).map(([key, hint]) => `| \`${key}\` | ${cell(hint)} |`),
  ];
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
