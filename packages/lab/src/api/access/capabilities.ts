import type { Caller } from '../../access/access.js';
import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';

/** The kinds of things that the web interface asks capabilities for, where they lie, and which privileges count there. */
const KINDS: Readonly<Record<string, { readonly root: string; readonly privileges: RegExp }>> = {
  vms: { root: '/vms', privileges: /^(VM\.|Permissions\.Modify$)/ },
  storage: { root: '/storage', privileges: /^(Datastore\.|Permissions\.Modify$)/ },
  access: { root: '/access', privileges: /^(User\.|Group\.|Permissions\.Modify$)/ },
  nodes: { root: '/nodes', privileges: /^(Sys\.|Permissions\.Modify$)/ },
  sdn: { root: '/sdn', privileges: /^(SDN\.|Permissions\.Modify$)/ },
  mapping: { root: '/mapping', privileges: /^(Mapping\.|Permissions\.Modify$)/ },
  dc: { root: '/', privileges: /^(SDN\.|Sys\.Audit$|Sys\.Modify$)/ },
};

/** `cap` of a login: what the caller may do anywhere below each kind of path (PVE/RPCEnvironment.pm compute_api_permission). */
export function capabilities(lab: Lab, caller: Caller): JsonObject {
  const result: JsonObject = {};
  for (const [kind, { root, privileges }] of Object.entries(KINDS)) {
    const paths = [
      root,
      ...Object.values(lab.state.acl)
        .map((entry) => entry.path)
        .filter((path) => root !== '/' && path.startsWith(`${root}/`)),
    ];
    const held: Record<string, number> = {};
    for (const path of paths) {
      for (const privilege of lab.access.permissions(caller, path).keys())
        if (privileges.test(privilege)) held[privilege] = 1;
    }
    result[kind] = held;
  }
  return result;
}
