/** What cloud-init takes a text for, by its first line. */
export type UserDataFormat =
  /** Settings in YAML; the only kind that is merged with others. */
  | 'cloud-config'
  /** A program, an include file, a boothook, a MIME archive and so on: handed on as it is. */
  | 'other';

const OTHER_STARTS = [
  '#!',
  '#include',
  '#include-once',
  '#cloud-boothook',
  '#cloud-config-archive',
  '#cloud-config-jsonp',
  '#part-handler',
  '## template:',
  'Content-Type:',
  'MIME-Version:',
];

export interface DetectedUserData {
  readonly format: UserDataFormat;
  /** The text with plain line breaks, without a byte order mark, and with a cloud-config's header on its first line. */
  readonly text: string;
  /** Comment and blank lines stood before `#cloud-config`; cloud-init would have ignored the whole text. */
  readonly headerMoved: boolean;
  /** There was no header at all. */
  readonly headerMissing: boolean;
}

/**
 * Tells what a template is, and repairs its head: cloud-init takes a text for a cloud-config only when
 * `#cloud-config` is the very first line (cloud-init, handlers: `INCLUSION_TYPES_MAP`).
 */
export function detectUserData(raw: string): DetectedUserData {
  const text = raw.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const lines = text.split('\n');
  const first = lines[0] ?? '';
  if (OTHER_STARTS.some((start) => first.startsWith(start))) {
    return { format: 'other', text, headerMoved: false, headerMissing: false };
  }
  const header = lines.findIndex((line) => /^#cloud-config\s*$/.test(line));
  const firstSetting = lines.findIndex((line) => !/^\s*(?:#.*)?$/.test(line));
  if (header !== -1 && (firstSetting === -1 || header < firstSetting)) {
    const others = lines.filter((_, index) => index !== header);
    const moved = header === 0 ? text : ['#cloud-config', ...others].join('\n');
    return { format: 'cloud-config', text: moved, headerMoved: header > 0, headerMissing: false };
  }
  return { format: 'cloud-config', text: `#cloud-config\n${text}`, headerMoved: false, headerMissing: true };
}
