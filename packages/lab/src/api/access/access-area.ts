import type { Caller } from '../../access/access.js';
import { allPrivileges, normalizeAclPath, rolePrivileges } from '../../access/access-control.js';
import { hashPassword, hashSecret } from '../../access/authenticate.js';
import { BUILTIN_ROLES } from '../../access/builtin-roles.js';
import { badParameter, failure, forbidden, PveError } from '../../http/pve-error.js';
import { defineRoute } from '../../http/route.js';
import type { Lab } from '../../lab.js';
import type { JsonObject } from '../../state/json.js';
import type { TokenRecord, UserRecord } from '../../state/lab-state.js';
import type { ApiArea } from '../area.js';
import { capabilities } from './capabilities.js';

/** Users, tokens, groups, roles, realms, permissions and tickets (pve-access-control, PVE/API2/AccessControl.pm and its modules). */
export const accessArea: ApiArea = {
  name: 'access',
  routes: [
    defineRoute('GET /access/ticket', () => null),
    defineRoute('POST /access/ticket', ({ lab, params }) => {
      const name = params.require('username');
      const realm = params.get('realm');
      const userid = realm === undefined ? name : `${name}@${realm}`;
      const password = params.require('password');
      const byTicket = lab.authenticator.verifyTicket(password);
      const known =
        byTicket === userid || byTicket === 'root@pam' || lab.authenticator.verifyPassword(userid, password);
      if (!known || lab.state.users[userid] === undefined) throw new PveError(401, 'authentication failure');
      const caller: Caller = { userid, authid: userid, isRoot: userid === 'root@pam' };
      return {
        username: userid,
        ticket: lab.authenticator.issueTicket(userid),
        CSRFPreventionToken: lab.authenticator.issueCsrfToken(userid),
        cap: capabilities(lab, caller),
        ...(lab.state.meta.cluster === '' ? {} : { clustername: lab.state.meta.cluster }),
      };
    }),
    defineRoute('PUT /access/password', ({ lab, params }) => {
      const userid = params.require('userid');
      const user = requireUser(lab, userid);
      if (!userid.endsWith('@pve') && !userid.endsWith('@pam'))
        throw failure("can't change password for this realm");
      user.passwordHash = hashPassword(params.require('password'));
    }),
    defineRoute('GET /access/permissions', ({ lab, caller, params }) => {
      const of = params.get('userid');
      const subject = of === undefined ? caller : callerFor(lab, of);
      if (of !== undefined && of !== caller.authid && !lab.access.has(caller, '/access', ['Sys.Audit']))
        throw forbidden('/access, Sys.Audit');
      const path = params.get('path');
      const paths = path === undefined ? interestingPaths(lab) : [path];
      const result: JsonObject = {};
      for (const each of paths) {
        const held = lab.access.permissions(subject, each);
        if (held.size === 0) continue;
        result[each] = Object.fromEntries(
          [...held].map(([privilege, propagate]) => [privilege, propagate ? 1 : 0]),
        );
      }
      return result;
    }),

    defineRoute('GET /access/users', ({ lab, caller, params }) => {
      const enabled = params.boolean('enabled');
      const full = params.boolean('full') === true;
      const everyone = lab.access.has(caller, '/access/groups', ['User.Modify', 'Sys.Audit'], true);
      return Object.entries(lab.state.users)
        .filter(([userid, user]) => {
          if (enabled !== undefined && user.enable !== enabled) return false;
          if (everyone || userid === caller.authid) return true;
          return user.groups.some((group) =>
            lab.access.has(caller, `/access/groups/${group}`, ['User.Modify', 'Sys.Audit'], true),
          );
        })
        .map(([userid, user]) => ({
          userid,
          'realm-type': lab.state.realms[realmOf(userid)]?.type ?? realmOf(userid),
          ...userFields(user),
          ...(full
            ? {
                groups: user.groups.join(','),
                tokens: Object.entries(user.tokens).map(([tokenid, token]) => ({
                  tokenid,
                  ...tokenFields(token),
                })),
              }
            : {}),
        }));
    }),
    defineRoute('POST /access/users', ({ lab, params }) => {
      const userid = params.require('userid');
      const fail = (text: string) => failure(`create user failed: ${text}`);
      if (lab.state.realms[realmOf(userid)] === undefined)
        throw fail(`domain '${realmOf(userid)}' does not exist`);
      if (lab.state.users[userid] !== undefined) throw fail(`user '${userid}' already exists`);
      const user: UserRecord = {
        enable: params.boolean('enable') ?? true,
        expire: params.integer('expire') ?? 0,
        groups: [],
        tokens: {},
      };
      for (const group of params.list('groups')) {
        if (lab.state.groups[group] === undefined) throw fail(`no such group '${group}'`);
        user.groups.push(group);
      }
      for (const field of ['firstname', 'lastname', 'email', 'comment', 'keys'] as const) {
        const value = params.get(field);
        if (value !== undefined) user[field] = value;
      }
      const password = params.get('password');
      if (password !== undefined) user.passwordHash = hashPassword(password);
      lab.state.users[userid] = user;
    }),
    defineRoute('GET /access/users/{userid}', ({ lab, params }) => {
      const user = requireUser(lab, params.require('userid'));
      const tokens: JsonObject = {};
      for (const [tokenid, token] of Object.entries(user.tokens)) tokens[tokenid] = tokenFields(token);
      return {
        ...userFields(user),
        groups: user.groups,
        ...(Object.keys(tokens).length > 0 ? { tokens } : {}),
      };
    }),
    defineRoute('PUT /access/users/{userid}', ({ lab, params }) => {
      const user = requireUser(lab, params.require('userid'), 'update user failed: ');
      const enable = params.boolean('enable');
      if (enable !== undefined) user.enable = enable;
      const expire = params.integer('expire');
      if (expire !== undefined) user.expire = expire;
      for (const field of ['firstname', 'lastname', 'email', 'comment', 'keys'] as const) {
        const value = params.get(field);
        if (value !== undefined) user[field] = value;
      }
      if (params.has('groups')) {
        const groups = params.list('groups');
        for (const group of groups)
          if (lab.state.groups[group] === undefined)
            throw failure(`update user failed: no such group '${group}'`);
        user.groups =
          params.boolean('append') === true ? [...new Set([...user.groups, ...groups])] : [...groups];
      }
    }),
    defineRoute('DELETE /access/users/{userid}', ({ lab, params }) => {
      const userid = params.require('userid');
      requireUser(lab, userid, 'delete user failed: ');
      delete lab.state.users[userid];
      dropAcl(lab, (subject) => subject === userid || subject.startsWith(`${userid}!`));
    }),

    defineRoute('GET /access/users/{userid}/token', ({ lab, params }) =>
      Object.entries(requireUser(lab, params.require('userid')).tokens).map(([tokenid, token]) => ({
        tokenid,
        ...tokenFields(token),
      })),
    ),
    defineRoute('GET /access/users/{userid}/token/{tokenid}', ({ lab, params }) =>
      tokenFields(requireToken(lab, params.require('userid'), params.require('tokenid'))),
    ),
    defineRoute('POST /access/users/{userid}/token/{tokenid}', ({ lab, params }) => {
      const userid = params.require('userid');
      const tokenid = params.require('tokenid');
      const user = requireUser(lab, userid);
      if (user.tokens[tokenid] !== undefined) throw badParameter('tokenid', 'Token already exists.');
      const value = lab.uuid();
      const comment = params.get('comment');
      const privsep = params.boolean('privsep') ?? true;
      const token: TokenRecord = {
        privsep,
        expire: params.integer('expire') ?? 0,
        secretHash: hashSecret(value),
        ...(comment === undefined ? {} : { comment }),
      };
      user.tokens[tokenid] = token;
      const expire = params.get('expire');
      return {
        'full-tokenid': `${userid}!${tokenid}`,
        value,
        info: {
          privsep: privsep ? '1' : '0',
          ...(expire === undefined ? {} : { expire }),
          ...(comment === undefined ? {} : { comment }),
        },
      };
    }),
    defineRoute('PUT /access/users/{userid}/token/{tokenid}', ({ lab, params }) => {
      const token = requireToken(lab, params.require('userid'), params.require('tokenid'));
      for (const name of params.list('delete')) if (name === 'comment') delete token.comment;
      const comment = params.get('comment');
      if (comment !== undefined) token.comment = comment;
      const expire = params.integer('expire');
      if (expire !== undefined) token.expire = expire;
      const privsep = params.boolean('privsep');
      if (privsep !== undefined) token.privsep = privsep;
      if (params.boolean('regenerate') === true) {
        const value = lab.uuid();
        token.secretHash = hashSecret(value);
        return {
          ...tokenFields(token),
          value,
          'full-tokenid': `${params.require('userid')}!${params.require('tokenid')}`,
        };
      }
      return tokenFields(token);
    }),
    defineRoute('DELETE /access/users/{userid}/token/{tokenid}', ({ lab, params }) => {
      const userid = params.require('userid');
      const tokenid = params.require('tokenid');
      requireToken(lab, userid, tokenid);
      delete lab.state.users[userid]?.tokens[tokenid];
      dropAcl(lab, (subject) => subject === `${userid}!${tokenid}`);
    }),

    defineRoute('GET /access/groups', ({ lab, caller }) =>
      Object.entries(lab.state.groups)
        .filter(([group]) =>
          lab.access.has(
            caller,
            `/access/groups/${group}`,
            ['User.Modify', 'Sys.Audit', 'Group.Allocate'],
            true,
          ),
        )
        .map(([groupid, group]) => ({
          groupid,
          users: membersOf(lab, groupid).join(','),
          ...(group.comment === undefined ? {} : { comment: group.comment }),
        })),
    ),
    defineRoute('POST /access/groups', ({ lab, params }) => {
      const group = params.require('groupid');
      if (lab.state.groups[group] !== undefined)
        throw failure(`create group failed: group '${group}' already exists`);
      const comment = params.get('comment');
      lab.state.groups[group] = comment === undefined ? {} : { comment };
    }),
    defineRoute('GET /access/groups/{groupid}', ({ lab, params }) => {
      const group = params.require('groupid');
      const record = lab.state.groups[group];
      if (record === undefined) throw failure(`group '${group}' does not exist`);
      return {
        members: membersOf(lab, group),
        ...(record.comment === undefined ? {} : { comment: record.comment }),
      };
    }),
    defineRoute('PUT /access/groups/{groupid}', ({ lab, params }) => {
      const group = params.require('groupid');
      const record = lab.state.groups[group];
      if (record === undefined) throw failure(`update group failed: group '${group}' does not exist`);
      const comment = params.get('comment');
      if (comment !== undefined) record.comment = comment;
    }),
    defineRoute('DELETE /access/groups/{groupid}', ({ lab, params }) => {
      const group = params.require('groupid');
      if (lab.state.groups[group] === undefined)
        throw failure(`delete group failed: group '${group}' does not exist`);
      delete lab.state.groups[group];
      for (const user of Object.values(lab.state.users))
        user.groups = user.groups.filter((other) => other !== group);
      dropAcl(lab, (subject) => subject === `@${group}`);
    }),

    defineRoute('GET /access/roles', ({ lab }) => [
      ...Object.entries(BUILTIN_ROLES[lab.release]).map(([roleid, privs]) => ({ roleid, privs, special: 1 })),
      ...Object.entries(lab.state.roles).map(([roleid, role]) => ({
        roleid,
        privs: [...role.privileges].sort().join(','),
        special: 0,
      })),
    ]),
    defineRoute('POST /access/roles', ({ lab, params }) => {
      const role = params.require('roleid');
      if (rolePrivileges(lab.state, lab.release, role) !== undefined)
        throw failure(`create role failed: role '${role}' already exists`);
      lab.state.roles[role] = {
        privileges: [...checkedPrivileges(lab, params.list('privs'), 'create role failed: ')],
      };
    }),
    defineRoute('GET /access/roles/{roleid}', ({ lab, params }) => {
      const role = params.require('roleid');
      const privileges = rolePrivileges(lab.state, lab.release, role);
      if (privileges === undefined) throw failure(`role '${role}' does not exist`);
      return Object.fromEntries(privileges.map((privilege) => [privilege, 1]));
    }),
    defineRoute('PUT /access/roles/{roleid}', ({ lab, params }) => {
      const role = params.require('roleid');
      const record = customRole(lab, role, 'update role failed: ', 'modified');
      const privileges = checkedPrivileges(lab, params.list('privs'), 'update role failed: ');
      record.privileges =
        params.boolean('append') === true
          ? [...new Set([...record.privileges, ...privileges])]
          : [...privileges];
    }),
    defineRoute('DELETE /access/roles/{roleid}', ({ lab, params }) => {
      const role = params.require('roleid');
      customRole(lab, role, 'delete role failed: ', 'deleted');
      delete lab.state.roles[role];
      for (const [key, entry] of Object.entries(lab.state.acl))
        if (entry.role === role) delete lab.state.acl[key];
    }),

    defineRoute('GET /access/acl', ({ lab, caller, params }) => {
      const only = params.get('path');
      const exact = params.boolean('exact') === true;
      return Object.values(lab.state.acl)
        .filter((entry) => {
          if (exact && only !== undefined && entry.path !== only) return false;
          return lab.access.has(caller, entry.path, ['Permissions.Modify', 'Sys.Audit'].slice(0, 1));
        })
        .map((entry) => ({
          path: entry.path,
          type: entry.subject.startsWith('@') ? 'group' : entry.subject.includes('!') ? 'token' : 'user',
          ugid: entry.subject.replace(/^@/, ''),
          roleid: entry.role,
          propagate: entry.propagate ? 1 : 0,
        }));
    }),
    defineRoute('PUT /access/acl', ({ lab, caller, params }) => {
      const given = params.require('path');
      const subjects = [
        ...params.list('users'),
        ...params.list('groups').map((group) => `@${group}`),
        ...params.list('tokens'),
      ];
      if (!params.has('users') && !params.has('groups') && !params.has('tokens')) {
        const errors = Object.fromEntries(
          ['users', 'groups', 'tokens'].map((name) => [
            name,
            "either 'users', 'groups' or 'tokens' is required.",
          ]),
        );
        throw new PveError(400, 'Parameter verification failed.', { errors });
      }
      const path = normalizeAclPath(given);
      const fail = (text: string) => failure(`ACL update failed: ${text}`);
      if (path === undefined) throw badParameter('path', `invalid ACL path '${given}'`);
      if (!ACL_PATH.test(path)) throw badParameter('path', `invalid ACL path '${path}'`);
      const remove = params.boolean('delete') === true;
      const propagate = params.boolean('propagate') ?? true;
      for (const role of params.list('roles')) {
        if (rolePrivileges(lab.state, lab.release, role) === undefined)
          throw fail(`role '${role}' does not exist`);
        limitedRole(lab, caller, path, role);
        for (const subject of subjects) {
          if (!subjectExists(lab, subject)) {
            throw fail(
              subject.startsWith('@') ? `no such group '${subject.slice(1)}'` : `no such user ('${subject}')`,
            );
          }
          const key = `${path} ${subject} ${role}`;
          if (remove) delete lab.state.acl[key];
          else lab.state.acl[key] = { path, subject, role, propagate };
        }
      }
    }),

    defineRoute('GET /access/domains', ({ lab }) =>
      Object.entries(lab.state.realms)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([realm, { type, comment, default: preferred }]) => ({
          realm,
          type,
          ...(comment === undefined ? {} : { comment }),
          ...(preferred === true ? { default: 1 } : {}),
        })),
    ),
    defineRoute('GET /access/domains/{realm}', ({ lab, params }) => {
      const realm = params.require('realm');
      const record = lab.state.realms[realm];
      if (record === undefined) throw failure(`domain '${realm}' does not exist`);
      const { options, type, comment } = record;
      return { type, ...(comment === undefined ? {} : { comment }), ...options };
    }),
    defineRoute('GET /access/tfa', () => []),
    defineRoute('GET /access/users/{userid}/tfa', () => ({})),
  ],
};

/** Paths that the access control list may name (PVE/AccessControl.pm check_path). */
const ACL_PATH =
  /^\/(?:access(?:\/groups(?:\/[A-Za-z0-9.\-_]+)?|\/realm(?:\/[A-Za-z][A-Za-z0-9.\-_]+)?)?|mapping(?:\/[A-Za-z0-9.\-_]+){0,2}|nodes(?:\/[A-Za-z0-9.-]+)?|pool(?:\/[A-Za-z0-9.\-_]+){0,3}|sdn(?:\/[A-Za-z0-9.\-_]+){0,4}|storage(?:\/[A-Za-z0-9.\-_]+)?|vms(?:\/[1-9][0-9]{2,})?)?$/;

function realmOf(userid: string): string {
  return userid.split('@').at(-1) ?? '';
}

function requireUser(lab: Lab, userid: string, prefix = ''): UserRecord {
  const user = lab.state.users[userid];
  if (user === undefined)
    throw failure(prefix === '' ? `no such user ('${userid}')` : `${prefix}no such user ('${userid}')`);
  return user;
}

function requireToken(lab: Lab, userid: string, tokenid: string): TokenRecord {
  const token = requireUser(lab, userid).tokens[tokenid];
  if (token === undefined) throw failure(`no such token '${tokenid}' for user '${userid}'`);
  return token;
}

function userFields(user: UserRecord): JsonObject {
  const { firstname, lastname, comment, keys } = user;
  // user.cfg is read back without trailing empty fields: an e-mail address that was never set is there, empty, when something follows it.
  const email = user.email ?? (comment !== undefined || keys !== undefined ? '' : undefined);
  return JSON.parse(
    JSON.stringify({
      enable: user.enable ? 1 : 0,
      expire: user.expire,
      firstname,
      lastname,
      email,
      comment,
      keys,
    }),
  );
}

function tokenFields(token: TokenRecord): JsonObject {
  return {
    privsep: token.privsep ? 1 : 0,
    expire: token.expire,
    ...(token.comment === undefined ? {} : { comment: token.comment }),
  };
}

function membersOf(lab: Lab, group: string): readonly string[] {
  return Object.keys(lab.state.users).filter(
    (userid) => lab.state.users[userid]?.groups.includes(group) === true,
  );
}

function dropAcl(lab: Lab, matches: (subject: string) => boolean): void {
  for (const [key, entry] of Object.entries(lab.state.acl))
    if (matches(entry.subject)) delete lab.state.acl[key];
}

function customRole(lab: Lab, role: string, prefix: string, verb: string): { privileges: string[] } {
  if (BUILTIN_ROLES[lab.release][role] !== undefined)
    throw failure(`${prefix}auto-generated role '${role}' cannot be ${verb}`);
  const record = lab.state.roles[role];
  if (record === undefined) throw failure(`${prefix}role '${role}' does not exist`);
  return record;
}

function checkedPrivileges(lab: Lab, privileges: readonly string[], prefix: string): readonly string[] {
  const known = allPrivileges(lab.release);
  for (const privilege of privileges)
    if (!known.includes(privilege)) throw failure(`${prefix}invalid privilege '${privilege}'`);
  return privileges;
}

function subjectExists(lab: Lab, subject: string): boolean {
  if (subject.startsWith('@')) return lab.state.groups[subject.slice(1)] !== undefined;
  const [userid = '', tokenid] = subject.split('!');
  const user = lab.state.users[userid];
  return user !== undefined && (tokenid === undefined || user.tokens[tokenid] !== undefined);
}

/** Without Permissions.Modify one may only give away what one has. */
function limitedRole(lab: Lab, caller: Caller, path: string, role: string): void {
  if (caller.isRoot || lab.access.has(caller, path, ['Permissions.Modify'])) return;
  const held = lab.access.permissions(caller, path);
  const missing = (rolePrivileges(lab.state, lab.release, role) ?? []).some(
    (privilege) => held.get(privilege) !== true,
  );
  if (missing || role === 'NoAccess') throw forbidden(`${path}, Permissions.Modify`);
}

function interestingPaths(lab: Lab): readonly string[] {
  const fixed = ['/', '/access', '/access/groups', '/nodes', '/pool', '/sdn', '/storage', '/vms'];
  const listed = Object.values(lab.state.acl).map((entry) => entry.path);
  const pools = Object.entries(lab.state.pools).flatMap(([pool, record]) => [
    `/pool/${pool}`,
    ...record.vms.map((vmid) => `/vms/${vmid}`),
    ...record.storages.map((storage) => `/storage/${storage}`),
  ]);
  return [...new Set([...fixed, ...listed, ...pools])];
}

function callerFor(lab: Lab, authid: string): Caller {
  const [userid = '', tokenid] = authid.split('!');
  requireUser(lab, userid);
  if (tokenid === undefined) return { userid, authid, isRoot: userid === 'root@pam' };
  requireToken(lab, userid, tokenid);
  return { userid, tokenid, authid, isRoot: false };
}
