import type { ApiArea } from '../area.js';

/** Virtual machines: `/nodes/{node}/qemu`. */
export const qemuArea: ApiArea = { name: 'qemu', routes: [] };
