const GIB = 1024 ** 3;

/** A cloud image that the lab serves: the file name of the real one, and the label that tells a simulated guest what it is. */
export interface CatalogueImage {
  readonly filename: string;
  readonly label: string;
  readonly virtualBytes: number;
}

const ubuntu = (codename: string, version: string): readonly CatalogueImage[] =>
  ['amd64', 'arm64'].flatMap((architecture) => [
    {
      filename: `${codename}-server-cloudimg-${architecture}.img`,
      label: `ubuntu ${version}`,
      virtualBytes: Math.round(3.5 * GIB),
    },
    {
      filename: `ubuntu-${version}-server-cloudimg-${architecture}.img`,
      label: `ubuntu ${version}`,
      virtualBytes: Math.round(3.5 * GIB),
    },
    {
      filename: `ubuntu-${version}-minimal-cloudimg-${architecture}.img`,
      label: `ubuntu ${version}`,
      virtualBytes: Math.round(3.5 * GIB),
    },
    {
      filename: `${codename}-minimal-cloudimg-${architecture}.img`,
      label: `ubuntu ${version}`,
      virtualBytes: Math.round(3.5 * GIB),
    },
  ]);
const debian = (version: string): readonly CatalogueImage[] =>
  ['generic', 'genericcloud'].flatMap((flavour) =>
    ['amd64', 'arm64'].map((architecture) => ({
      filename: `debian-${version}-${flavour}-${architecture}.qcow2`,
      label: `debian ${version}`,
      virtualBytes: 3 * GIB,
    })),
  );

/** Names of the distributions' own cloud images. */
export const IMAGE_CATALOGUE: readonly CatalogueImage[] = [
  ...ubuntu('jammy', '22.04'),
  ...ubuntu('noble', '24.04'),
  ...ubuntu('plucky', '25.04'),
  ...debian('11'),
  ...debian('12'),
  ...debian('13'),
  { filename: 'Fedora-Cloud-Base-Generic-42-1.1.x86_64.qcow2', label: 'fedora 42', virtualBytes: 5 * GIB },
  { filename: 'Rocky-9-GenericCloud-Base.latest.x86_64.qcow2', label: 'rocky 9', virtualBytes: 10 * GIB },
  { filename: 'AlmaLinux-9-GenericCloud-latest.x86_64.qcow2', label: 'almalinux 9', virtualBytes: 10 * GIB },
];
