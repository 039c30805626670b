/** An image that is known by name: where it is, how it is verified, and what is in it. */
export interface CatalogueImage {
  /** File name of the image, `noble-server-cloudimg-amd64.img`. */
  readonly fileName: string;
  readonly url: string;
  /** Where the publisher lists checksums of the files beside it. */
  readonly checksumUrl?: string;
  readonly checksumAlgorithm?: 'sha256' | 'sha512';
  /** A checksum that is known beforehand, lower-case hexadecimal. */
  readonly checksum?: string;
  /** What the image is, for people. */
  readonly title: string;
  /** The user that the image itself would create. */
  readonly defaultUser?: string;
  /** The QEMU guest agent is part of the image. */
  readonly hasAgent: boolean;
}
