import type { Params } from '../http/params.js';
import { failure, forbidden } from '../http/pve-error.js';
import type { MethodFacts, PermissionCheck } from '../schema/definition.js';
import type { LabState } from '../state/lab-state.js';
import type { Access, Caller } from './access.js';
import { normalizeAclPath } from './access-control.js';

interface CheckContext {
  readonly access: Access;
  readonly state: LabState;
  readonly caller: Caller;
  readonly params: Params;
}

/**
 * Executes a method's declared permission check, before parameters are verified and before anything is looked up.
 * @throws PveError 403 with PVE's text.
 */
export function checkPermission(facts: MethodFacts, context: CheckContext): void {
  if (context.caller.isRoot) return;
  const { permissions } = facts;
  if (permissions === undefined) throw forbidden('user != root@pam');
  if (permissions.user !== undefined) return;
  if (permissions.check === undefined || !execute(permissions.check, context, false)) throw forbidden();
}

function execute(check: PermissionCheck, context: CheckContext, quiet: boolean): boolean {
  const [test, ...rest] = check;
  if (test === 'and') return rest.every((part) => isCheck(part) && execute(part, context, quiet));
  if (test === 'or') {
    if (rest.some((part) => isCheck(part) && execute(part, context, true))) return true;
    return refuse(undefined, quiet);
  }
  if (test === 'perm') return checkPath(rest, context, quiet);
  if (test === 'perm-modify') return checkModify(String(rest[0]), context, quiet);
  if (test === 'userid-param') return checkUserParameter(String(rest[0]), context, quiet);
  if (test === 'userid-group') return checkGroups(rest, context, quiet);
  return refuse(undefined, quiet);
}

function checkPath(
  rest: readonly unknown[],
  { access, caller, params }: CheckContext,
  quiet: boolean,
): boolean {
  const [template, privileges, ...flags] = rest;
  const options = optionsOf(flags);
  const required = options.get('require_param');
  if (typeof required === 'string' && !params.has(required)) return refuse(undefined, quiet);
  const path = fill(String(template), params);
  const names = texts(privileges);
  const any = options.has('any');
  if (quiet) return access.has(caller, path, names, any);
  access.check(caller, path, names, any);
  return true;
}

function checkModify(template: string, { access, caller, params }: CheckContext, quiet: boolean): boolean {
  const path = normalizeAclPath(fill(template, params));
  if (path === undefined) return refuse(undefined, quiet);
  const privileges = ['Permissions.Modify'];
  if (/^\/storage\/.+$/.test(path)) privileges.push('Datastore.Allocate');
  else if (/^\/vms\/.+$/.test(path)) privileges.push('VM.Allocate');
  else if (/^\/pool\/.+$/.test(path)) privileges.push('Pool.Allocate');
  if (quiet) return access.has(caller, path, privileges, true);
  access.check(caller, path, privileges, true);
  return true;
}

function checkUserParameter(
  subtest: string,
  { access, caller, params }: CheckContext,
  quiet: boolean,
): boolean {
  const userid = params.get('userid') ?? '';
  if (subtest === 'self') return userid === caller.authid || refuse(undefined, quiet);
  const path = `/access/realm/${userid.split('@').at(-1) ?? ''}`;
  if (quiet) return access.has(caller, path, [subtest]);
  access.check(caller, path, [subtest]);
  return true;
}

function checkGroups(rest: readonly unknown[], context: CheckContext, quiet: boolean): boolean {
  const { access, caller, params, state } = context;
  const [privileges, ...flags] = rest;
  const names = texts(privileges);
  const groupsParameter = optionsOf(flags).get('groups_param');
  const userid = params.get('userid') ?? '';
  const existing = groupsParameter !== 'create';
  const user = state.users[userid];
  if (existing && user === undefined) {
    if (quiet) return false;
    throw failure(`no such user ('${userid}')`);
  }
  if (access.has(caller, '/access/groups', names, true)) return true;
  const joined = names.join('|');
  if (groupsParameter !== undefined) {
    const groups = params.list('groups');
    if (groups.length === 0) throw forbidden(`/access/groups, ${joined}`);
    for (const group of groups) {
      if (!access.has(caller, `/access/groups/${group}`, names, true))
        throw forbidden(`/access/groups/${group}, ${joined}`);
    }
  }
  const reachable =
    user?.groups.some((group) => access.has(caller, `/access/groups/${group}`, names, true)) === true;
  return !existing || reachable || refuse(undefined, quiet);
}

function refuse(what: string | undefined, quiet: boolean): false {
  if (!quiet) throw forbidden(what);
  return false;
}

function fill(template: string, params: Params): string {
  return template.replace(/\{([^}]+)\}/g, (_, name: string) => params.get(name) ?? '');
}

function optionsOf(flags: readonly unknown[]): Map<string, unknown> {
  const options = new Map<string, unknown>();
  for (let index = 0; index + 1 < flags.length; index += 2)
    options.set(String(flags[index]), flags[index + 1]);
  return options;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function isCheck(value: unknown): value is PermissionCheck {
  return Array.isArray(value) && typeof value[0] === 'string';
}
