import { CLOUDINIT_ERROR_CODES } from '@phoenix/cloudinit';
import { PHOENIX_ERROR_CODES } from '@phoenix/core';
import { FEATURES_ERROR_CODES } from '@phoenix/features';
import { PROXMOX_ERROR_CODES } from '@phoenix/proxmox-client';

const rows = PROXMOX_ERROR_CODES.map(({ code }) => [code, code]);
const tables = [CLOUDINIT_ERROR_CODES, PHOENIX_ERROR_CODES, FEATURES_ERROR_CODES, Object.fromEntries(rows)];

/** Whether a code stands in one of the tables of errors, and is not the one for bugs. */
export function isNamedError(code: string): boolean {
  return code !== 'PHOENIX_INTERNAL' && tables.some((table) => Object.hasOwn(table, code));
}
