import type { CatalogueImage } from './catalogue-image.js';

const UBUNTU = 'https://cloud-images.ubuntu.com';
const DEBIAN = 'https://cloud.debian.org/images/cloud';

function ubuntu(codename: string, version: string): readonly [string, CatalogueImage] {
  const fileName = `${codename}-server-cloudimg-amd64.img`;
  return [
    fileName,
    {
      fileName,
      url: `${UBUNTU}/${codename}/current/${fileName}`,
      checksumUrl: `${UBUNTU}/${codename}/current/SHA256SUMS`,
      checksumAlgorithm: 'sha256',
      title: `Ubuntu ${version} LTS server`,
      defaultUser: 'ubuntu',
      hasAgent: false,
    },
  ];
}

function debian(codename: string, release: string): readonly [string, CatalogueImage] {
  const fileName = `debian-${release}-genericcloud-amd64.qcow2`;
  return [
    fileName,
    {
      fileName,
      url: `${DEBIAN}/${codename}/latest/${fileName}`,
      checksumUrl: `${DEBIAN}/${codename}/latest/SHA512SUMS`,
      checksumAlgorithm: 'sha512',
      title: `Debian ${release} (${codename}) generic cloud image`,
      defaultUser: 'debian',
      hasAgent: false,
    },
  ];
}

const [noble, jammy, bookworm, trixie] = [
  ubuntu('noble', '24.04'),
  ubuntu('jammy', '22.04'),
  debian('bookworm', '12'),
  debian('trixie', '13'),
];

/** Made by the lab's own image builder; only a mirror serves it. */
const DEBIAN_LAB: CatalogueImage = {
  fileName: 'debian-lab.qcow2',
  url: 'http://127.0.0.1/images/debian-lab.qcow2',
  checksumUrl: 'http://127.0.0.1/images/SHA256SUMS',
  checksumAlgorithm: 'sha256',
  title: 'Small Debian with cloud-init and guest agent, built for the lab',
  defaultUser: 'debian',
  hasAgent: true,
};

/** The images that are known by name, their other names included. */
export const IMAGE_CATALOGUE: Readonly<Record<string, CatalogueImage>> = Object.fromEntries([
  noble,
  ['ubuntu-24.04-standard', noble[1]],
  ['ubuntu-24.04', noble[1]],
  ['noble', noble[1]],
  jammy,
  ['ubuntu-22.04-standard', jammy[1]],
  ['ubuntu-22.04', jammy[1]],
  ['jammy', jammy[1]],
  bookworm,
  ['debian-12-standard', bookworm[1]],
  ['debian-12', bookworm[1]],
  ['bookworm', bookworm[1]],
  trixie,
  ['debian-13-standard', trixie[1]],
  ['debian-13', trixie[1]],
  ['trixie', trixie[1]],
  ['debian-lab.qcow2', DEBIAN_LAB],
  ['debian-lab', DEBIAN_LAB],
]);

/**
 * The image as a mirror serves it: all files flat under one base URL, with the list of checksums beside them under
 * its own name (`SHA256SUMS`, `SHA512SUMS`).
 */
export function mirrorImage(image: CatalogueImage, mirror: string): CatalogueImage {
  const base = mirror.endsWith('/') ? mirror : `${mirror}/`;
  const list = image.checksumUrl?.split('/').at(-1);
  return {
    ...image,
    url: new URL(image.fileName, base).href,
    ...(list === undefined ? {} : { checksumUrl: new URL(list, base).href }),
  };
}
