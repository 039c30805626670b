import type { RouteData } from '../schema/route-types.js';

/** A virtual machine (`qemu`) or a container (`lxc`). */
export type GuestKind = 'qemu' | 'lxc';

/** Where a guest is: its calls must go to the node that owns it at the moment. */
export interface GuestRef<K extends GuestKind = GuestKind> {
  readonly kind: K;
  readonly node: string;
  readonly vmid: number;
}

/** Settings under PVE's own keys (`cores`, `net0`, …), as they are sent; `undefined` is left out. */
export type GuestSettings = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** A machine's configuration as PVE returns it. */
export type QemuConfig = RouteData<'GET /nodes/{node}/qemu/{vmid}/config'>;
/** A container's configuration as PVE returns it. */
export type LxcConfig = RouteData<'GET /nodes/{node}/lxc/{vmid}/config'>;
