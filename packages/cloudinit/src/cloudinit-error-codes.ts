/** One row of an error table: what the code means, and what its reader can do. `docs/errors.md` is generated from these. */
export interface ErrorCodeRow {
  readonly meaning: string;
  readonly action: string;
}

/** Every `code` that a `CloudinitError` can carry. */
export const CLOUDINIT_ERROR_CODES = {
  CLOUDINIT_TEMPLATE: {
    meaning:
      'The template of the user-data cannot be rendered: its braces do not match, or it names an unknown variable.',
    action: 'Correct the line named; write \\{{ where two braces are meant literally.',
  },
  CLOUDINIT_YAML: {
    meaning: 'The rendered user-data is not YAML, or not an object of settings.',
    action: 'Look at it with `phoenix render` and correct the template at the line named.',
  },
  CLOUDINIT_INVALID: {
    meaning: 'The rendered seed is YAML, but cloud-init would not accept it.',
    action: 'Correct the keys named in the template, or in the feature that adds them.',
  },
  CLOUDINIT_CONFLICT: {
    meaning: 'Two parts of the cloud-config want different values for one key.',
    action: 'Keep one of the values that the message names.',
  },
  CLOUDINIT_NETWORK: {
    meaning: 'The declared network cannot be written as a network-config.',
    action: 'Give every interface a MAC address and every static address its prefix.',
  },
  CLOUDINIT_TOO_LARGE: {
    meaning: 'A part of the seed is larger than what is delivered safely.',
    action: 'Move large files into a feature; they are delivered through the guest agent.',
  },
  CLOUDINIT_ISO: {
    meaning:
      'A file cannot be written to the ISO: its name is empty, too long, used twice, or holds a slash.',
    action: 'Give each file a name of 1 to 100 bytes without a slash.',
  },
} as const satisfies Record<string, ErrorCodeRow>;

export type CloudinitErrorCode = keyof typeof CLOUDINIT_ERROR_CODES;
