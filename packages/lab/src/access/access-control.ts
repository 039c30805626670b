import { forbidden } from '../http/pve-error.js';
import type { LabRelease, LabState } from '../state/lab-state.js';
import type { Access, Caller } from './access.js';
import { BUILTIN_ROLES } from './builtin-roles.js';

const NOTHING: ReadonlyMap<string, boolean> = new Map();

/** Paths that are canonical already. */
const SIMPLE_PATH = /^(?:\/[A-Za-z0-9.\-_]+)+$/;

/** Puts a path of the access control list in its canonical form; undefined when it has characters that none may have. */
export function normalizeAclPath(path: string): string | undefined {
  if (SIMPLE_PATH.test(path)) return path;
  let normal = path.replace(/\/+/g, '/').replace(/\/$/, '');
  if (normal === '') normal = '/';
  if (!normal.startsWith('/')) normal = `/${normal}`;
  return /^[A-Za-z0-9.\-_/]+$/.test(normal) ? normal : undefined;
}

/** The privileges of a role: built in or from the state; undefined when there is no such role. */
export function rolePrivileges(
  state: LabState,
  release: LabRelease,
  role: string,
): readonly string[] | undefined {
  const builtin = BUILTIN_ROLES[release][role];
  if (builtin !== undefined) return builtin === '' ? [] : builtin.split(',');
  return state.roles[role]?.privileges;
}

/** All privileges of a release. */
export function allPrivileges(release: LabRelease): readonly string[] {
  return BUILTIN_ROLES[release].Administrator?.split(',') ?? [];
}

/** The permission system over the users, groups, roles, pools and access control list of a state (pve-access-control, RPCEnvironment.pm). */
export function createAccess(state: LabState, release: LabRelease): Access {
  const everything: ReadonlyMap<string, boolean> = new Map(
    allPrivileges(release).map((privilege) => [privilege, true]),
  );

  const rolesAt = (subject: string, path: string): Map<string, boolean> => {
    let roles = new Map<string, boolean>();
    const parts = path === '/' ? [] : path.slice(1).split('/');
    for (let depth = 0; depth <= parts.length; depth += 1) {
      const here = depth === 0 ? '/' : `/${parts.slice(0, depth).join('/')}`;
      const final = depth === parts.length;
      const own = new Map<string, boolean>();
      const byGroup = new Map<string, boolean>();
      for (const entry of Object.values(state.acl)) {
        if (entry.path !== here || !(final || entry.propagate)) continue;
        if (entry.subject === subject) own.set(entry.role, entry.propagate);
        else if (
          entry.subject.startsWith('@') &&
          state.users[subject]?.groups.includes(entry.subject.slice(1)) === true
        ) {
          byGroup.set(entry.role, entry.propagate);
        }
      }
      if (own.size > 0) roles = own;
      else if (byGroup.size > 0) roles = byGroup;
    }
    return roles;
  };
  const withPools = (subject: string, path: string): Map<string, boolean> => {
    const roles = rolesAt(subject, path);
    if (roles.has('NoAccess')) return roles;
    for (const [pool, record] of Object.entries(state.pools)) {
      const member =
        record.vms.some((vmid) => path === `/vms/${vmid}`) ||
        record.storages.some((storage) => path === `/storage/${storage}`);
      if (!member) continue;
      for (const role of rolesAt(subject, `/pool/${pool}`).keys())
        if (!roles.has(role)) roles.set(role, false);
    }
    return roles;
  };
  const privilegesOf = (subject: string, path: string): ReadonlyMap<string, boolean> => {
    if (subject === 'root@pam') return everything;
    const roles = withPools(subject, path);
    if (roles.size === 0 || roles.has('NoAccess')) return NOTHING;
    const privileges = new Map<string, boolean>();
    for (const [role, propagate] of roles) {
      for (const privilege of rolePrivileges(state, release, role) ?? []) {
        privileges.set(privilege, (privileges.get(privilege) ?? false) || propagate);
      }
    }
    return privileges;
  };
  const tokenOf = ({ userid, tokenid }: Caller) =>
    tokenid === undefined ? undefined : state.users[userid]?.tokens[tokenid];
  const permissions: Access['permissions'] = (caller, path) => {
    const normal = normalizeAclPath(path);
    if (normal === undefined) return NOTHING;
    if (caller.userid === 'root@pam' && (caller.tokenid === undefined || tokenOf(caller)?.privsep === false))
      return everything;
    if (caller.tokenid === undefined) return privilegesOf(caller.userid, normal);
    const token = tokenOf(caller);
    if (token === undefined) return NOTHING;
    const user = privilegesOf(caller.userid, normal);
    if (!token.privsep) return user;
    const own = privilegesOf(caller.authid, normal);
    return new Map([...own].filter(([privilege]) => user.has(privilege)));
  };
  const has: Access['has'] = (caller, path, privileges, any = false) => {
    const held = permissions(caller, path);
    return any
      ? privileges.some((privilege) => held.has(privilege))
      : privileges.every((privilege) => held.has(privilege));
  };
  const check: Access['check'] = (caller, path, privileges, any = false) => {
    const held = permissions(caller, path);
    const shown = normalizeAclPath(path) ?? '';
    if (any) {
      if (!privileges.some((privilege) => held.has(privilege)))
        throw forbidden(`${shown}, ${privileges.join('|')}`);
      return;
    }
    const missing = privileges.find((privilege) => !held.has(privilege));
    if (missing !== undefined) throw forbidden(`${shown}, ${missing}`);
  };
  const hasGuest: Access['hasGuest'] = (caller: Caller, vmid, pool, privileges, any) =>
    (pool !== undefined && has(caller, `/pool/${pool}`, privileges, any)) ||
    has(caller, `/vms/${vmid}`, privileges, any);
  return {
    permissions,
    has,
    check,
    hasGuest,
    checkGuest: (caller, vmid, pool, privileges, any) => {
      if (pool !== undefined && has(caller, `/pool/${pool}`, privileges, any)) return;
      check(caller, `/vms/${vmid}`, privileges, any);
    },
  };
}
