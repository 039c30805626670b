import { createHash } from 'node:crypto';
import type { Params } from '../../http/params.js';
import { badParameter, failure } from '../../http/pve-error.js';
import { defineRoute, type RequestContext, type Route } from '../../http/route.js';
import { createFirewallFile, type FirewallFile, type FirewallRule } from '../../state/firewall-file.js';
import type { JsonObject } from '../../state/json.js';
import type { ApiArea } from '../area.js';

/** Where a firewall file belongs: the path below which its methods lie, and its name in the state. */
interface Scope {
  readonly path: string;
  readonly fileOf: (ctx: RequestContext) => string;
}

const CLUSTER = 'cluster';
const GUEST_SCOPES: readonly Scope[] = ['qemu', 'lxc'].map((kind) => ({
  path: `/nodes/{node}/${kind}/{vmid}/firewall`,
  fileOf: ({ params }) => `guest/${params.require('vmid')}`,
}));
const SCOPES: readonly Scope[] = [
  { path: '/cluster/firewall', fileOf: () => CLUSTER },
  { path: '/nodes/{node}/firewall', fileOf: ({ node }) => `node/${node}` },
  ...GUEST_SCOPES,
];

const RULE_FIELDS = [
  'type',
  'action',
  'enable',
  'macro',
  'iface',
  'source',
  'dest',
  'proto',
  'sport',
  'dport',
  'icmp-type',
  'log',
  'comment',
];
const NUMBERS: ReadonlySet<string> = new Set(['enable']);
const CHANGED = 'detected modified configuration - file changed by other user? Try again.';

/** Firewall files of the cluster, the nodes and the guests (pve-firewall, PVE/API2/Firewall/). Nothing is filtered: the lab has no packets. */
export const firewallArea: ApiArea = { name: 'firewall', routes: SCOPES.flatMap(routesOf) };

function routesOf(scope: Scope): readonly Route[] {
  const { path } = scope;
  const file = (ctx: RequestContext) => fileAt(ctx, scope.fileOf(ctx));
  const guest = path.endsWith('{vmid}/firewall');
  const routes: Route[] = [
    defineRoute(`GET ${path}/options`, (ctx) => {
      const { options } = file(ctx);
      return { ...options, digest: digestOf(options) };
    }),
    defineRoute(`PUT ${path}/options`, (ctx) => {
      const { options } = file(ctx);
      checkDigest(ctx.params, options);
      for (const name of ctx.params.list('delete')) delete options[name];
      for (const [name, value] of ctx.params.entries()) {
        if (['delete', 'digest', 'node', 'vmid'].includes(name) || typeof value !== 'string') continue;
        options[name] = /^\d+$/.test(value) ? Number(value) : value;
      }
    }),
    ...ruleRoutes(`${path}/rules`, (ctx) => file(ctx).rules),
    defineRoute(`GET ${path}/log`, () => [{ n: 1, t: 'no content' }]),
  ];
  if (path === '/cluster/firewall') routes.push(...groupRoutes(path));
  if (guest || path === '/cluster/firewall') {
    routes.push(...aliasRoutes(path, file), ...ipsetRoutes(path, file));
    routes.push(
      defineRoute(`GET ${path}/refs`, (ctx) => {
        const type = ctx.params.get('type');
        const { aliases, ipsets } = file(ctx);
        const named = (kind: string, name: string, comment: string | undefined): JsonObject => ({
          type: kind,
          name,
          ref: kind === 'ipset' ? `+${name}` : name,
          scope: guest ? 'guest' : 'dc',
          ...(comment === undefined ? {} : { comment }),
        });
        return [
          ...(type === 'ipset'
            ? []
            : Object.entries(aliases).map(([name, alias]) => named('alias', name, alias.comment))),
          ...(type === 'alias'
            ? []
            : Object.entries(ipsets).map(([name, set]) => named('ipset', name, set.comment))),
        ];
      }),
    );
  }
  return routes;
}

function ruleRoutes(path: string, rulesOf: (ctx: RequestContext) => FirewallRule[]): readonly Route[] {
  const at = (ctx: RequestContext): { rules: FirewallRule[]; pos: number; rule: FirewallRule } => {
    const rules = rulesOf(ctx);
    const pos = ctx.params.requireInteger('pos');
    const rule = rules[pos];
    if (rule === undefined) throw badParameter('pos', `no rule at position ${pos}`);
    return { rules, pos, rule };
  };
  return [
    defineRoute(`GET ${path}`, (ctx) => {
      const rules = rulesOf(ctx);
      const digest = digestOf(rules);
      return rules.map((rule, pos) => ({ ...rule, pos, digest }));
    }),
    defineRoute(`POST ${path}`, (ctx) => {
      const rules = rulesOf(ctx);
      checkDigest(ctx.params, rules);
      const rule = ruleOf(ctx.params);
      checkRule(ctx, rule);
      rule.enable ??= 0;
      const pos = ctx.params.integer('pos') ?? 0;
      rules.splice(Math.min(pos, rules.length), 0, rule);
    }),
    defineRoute(`GET ${path}/{pos}`, (ctx) => {
      const { rules, rule, pos } = at(ctx);
      return { ...rule, pos, digest: digestOf(rules) };
    }),
    defineRoute(`PUT ${path}/{pos}`, (ctx) => {
      const { rules, rule, pos } = at(ctx);
      checkDigest(ctx.params, rules);
      const moveTo = ctx.params.integer('moveto');
      if (moveTo !== undefined) {
        rules.splice(pos, 1);
        rules.splice(moveTo > pos ? moveTo - 1 : moveTo, 0, { ...rule });
        return;
      }
      const changed: FirewallRule = { ...rule, ...ruleOf(ctx.params) };
      for (const name of ctx.params.list('delete')) delete changed[name];
      checkRule(ctx, changed);
      rules[pos] = changed;
    }),
    defineRoute(`DELETE ${path}/{pos}`, (ctx) => {
      const { rules, pos } = at(ctx);
      checkDigest(ctx.params, rules);
      rules.splice(pos, 1);
    }),
  ];
}

function groupRoutes(path: string): readonly Route[] {
  const groupsOf = (ctx: RequestContext) => fileAt(ctx, CLUSTER).groups;
  const groupOf = (ctx: RequestContext) => {
    const name = ctx.params.require('group');
    const group = groupsOf(ctx)[name];
    if (group === undefined) throw failure(`no such security group '${name}'`);
    return group;
  };
  return [
    defineRoute(`GET ${path}/groups`, (ctx) => {
      const groups = groupsOf(ctx);
      const digest = digestOf(groups);
      return Object.entries(groups).map(([group, { comment }]) => ({
        group,
        digest,
        ...(comment === undefined ? {} : { comment }),
      }));
    }),
    defineRoute(`POST ${path}/groups`, (ctx) => {
      const groups = groupsOf(ctx);
      const name = ctx.params.require('group');
      const from = ctx.params.get('rename');
      const comment = ctx.params.get('comment');
      const before = from === undefined ? undefined : groups[from];
      if (from !== undefined && before === undefined)
        throw badParameter('group', `Security group '${from}' does not exist`);
      if (groups[name] !== undefined && name !== from)
        throw badParameter('group', `Security group '${name}' already exists`);
      if (from !== undefined) delete groups[from];
      groups[name] = { rules: [], ...before, ...(comment === undefined ? {} : { comment }) };
    }),
    defineRoute(`DELETE ${path}/groups/{group}`, (ctx) => {
      if (groupOf(ctx).rules.length > 0)
        throw failure(`Security group '${ctx.params.require('group')}' is not empty`);
      delete groupsOf(ctx)[ctx.params.require('group')];
    }),
    ...ruleRoutes(`${path}/groups/{group}`, (ctx) => groupOf(ctx).rules),
    defineRoute(`GET ${path}/macros`, () => MACROS.map(([macro, descr]) => ({ macro, descr }))),
  ];
}

/** The macros that rules most often name; PVE knows more. */
const MACROS: readonly (readonly [string, string])[] = [
  ['DNS', 'Domain Name System traffic (upd and tcp)'],
  ['HTTP', 'Hypertext Transfer Protocol (WWW)'],
  ['HTTPS', 'Hypertext Transfer Protocol (WWW) over SSL'],
  ['NTP', 'Network Time Protocol (ntpd)'],
  ['Ping', 'ICMP echo request'],
  ['SMTP', 'Simple Mail Transfer Protocol'],
  ['SSH', 'Secure shell traffic'],
  ['Web', 'WWW traffic (HTTP and HTTPS)'],
];

function aliasRoutes(path: string, fileOf: (ctx: RequestContext) => FirewallFile): readonly Route[] {
  const aliasOf = (ctx: RequestContext) => {
    const name = ctx.params.require('name').toLowerCase();
    const alias = fileOf(ctx).aliases[name];
    if (alias === undefined) throw badParameter('name', 'no such alias');
    return { name, alias };
  };
  const shown = (name: string, alias: { cidr: string; comment?: string }): JsonObject => ({
    name,
    cidr: alias.cidr,
    ipversion: alias.cidr.includes(':') ? 6 : 4,
    ...(alias.comment === undefined ? {} : { comment: alias.comment }),
  });
  return [
    defineRoute(`GET ${path}/aliases`, (ctx) => {
      const { aliases } = fileOf(ctx);
      const digest = digestOf(aliases);
      return Object.entries(aliases).map(([name, alias]) => ({ ...shown(name, alias), digest }));
    }),
    defineRoute(`POST ${path}/aliases`, (ctx) => {
      const { aliases } = fileOf(ctx);
      const name = ctx.params.require('name').toLowerCase();
      const comment = ctx.params.get('comment');
      if (aliases[name] !== undefined)
        throw badParameter('name', `alias '${ctx.params.require('name')}' already exists`);
      aliases[name] = { cidr: ctx.params.require('cidr'), ...(comment === undefined ? {} : { comment }) };
    }),
    defineRoute(`GET ${path}/aliases/{name}`, (ctx) => {
      const { name, alias } = aliasOf(ctx);
      return shown(name, alias);
    }),
    defineRoute(`PUT ${path}/aliases/{name}`, (ctx) => {
      const { name, alias } = aliasOf(ctx);
      const { aliases } = fileOf(ctx);
      const comment = ctx.params.get('comment');
      const rename = ctx.params.get('rename')?.toLowerCase();
      alias.cidr = ctx.params.require('cidr');
      if (comment !== undefined) alias.comment = comment;
      if (rename !== undefined && rename !== name) {
        if (aliases[rename] !== undefined) throw badParameter('name', `alias '${rename}' already exists`);
        aliases[rename] = { ...alias };
        delete aliases[name];
      }
    }),
    defineRoute(`DELETE ${path}/aliases/{name}`, (ctx) => {
      delete fileOf(ctx).aliases[aliasOf(ctx).name];
    }),
  ];
}

function ipsetRoutes(path: string, fileOf: (ctx: RequestContext) => FirewallFile): readonly Route[] {
  const setOf = (ctx: RequestContext) => {
    const set = fileOf(ctx).ipsets[ctx.params.require('name')];
    if (set === undefined) throw failure('no such IPSet');
    return set;
  };
  const entryOf = (ctx: RequestContext) => {
    const entry = setOf(ctx).entries.find(({ cidr }) => cidr === ctx.params.require('cidr'));
    if (entry === undefined) throw badParameter('cidr', 'no such IP/Network');
    return entry;
  };
  return [
    defineRoute(`GET ${path}/ipset`, (ctx) => {
      const { ipsets } = fileOf(ctx);
      const digest = digestOf(ipsets);
      return Object.entries(ipsets).map(([name, { comment }]) => ({
        name,
        digest,
        ...(comment === undefined ? {} : { comment }),
      }));
    }),
    defineRoute(`POST ${path}/ipset`, (ctx) => {
      const { ipsets } = fileOf(ctx);
      const name = ctx.params.require('name');
      const from = ctx.params.get('rename');
      const comment = ctx.params.get('comment');
      const before = from === undefined ? undefined : ipsets[from];
      if (from !== undefined && before === undefined)
        throw badParameter('name', `IPSet '${from}' does not exist`);
      if (ipsets[name] !== undefined && name !== from)
        throw badParameter('name', `IPSet '${name}' already exists`);
      if (from !== undefined) delete ipsets[from];
      ipsets[name] = { entries: [], ...before, ...(comment === undefined ? {} : { comment }) };
    }),
    defineRoute(`GET ${path}/ipset/{name}`, (ctx) => {
      const { entries } = setOf(ctx);
      const digest = digestOf(entries);
      return entries.map((entry) => ({ ...entry, digest }));
    }),
    defineRoute(`POST ${path}/ipset/{name}`, (ctx) => {
      const { entries } = setOf(ctx);
      const cidr = ctx.params.require('cidr');
      if (entries.some((entry) => entry.cidr === cidr)) throw badParameter('cidr', 'address already exists');
      const comment = ctx.params.get('comment');
      entries.unshift({
        cidr,
        ...(ctx.params.boolean('nomatch') === true ? { nomatch: 1 } : {}),
        ...(comment === undefined ? {} : { comment }),
      });
    }),
    defineRoute(`DELETE ${path}/ipset/{name}`, (ctx) => {
      if (setOf(ctx).entries.length > 0 && ctx.params.boolean('force') !== true) {
        throw failure(`IPSet '${ctx.params.require('name')}' is not empty`);
      }
      delete fileOf(ctx).ipsets[ctx.params.require('name')];
    }),
    defineRoute(`GET ${path}/ipset/{name}/{cidr}`, (ctx) => ({ ...entryOf(ctx) })),
    defineRoute(`PUT ${path}/ipset/{name}/{cidr}`, (ctx) => {
      const entry = entryOf(ctx);
      const comment = ctx.params.get('comment');
      if (comment !== undefined) entry.comment = comment;
      if (ctx.params.boolean('nomatch') === true) entry.nomatch = 1;
      else delete entry.nomatch;
    }),
    defineRoute(`DELETE ${path}/ipset/{name}/{cidr}`, (ctx) => {
      const { cidr } = entryOf(ctx);
      const set = setOf(ctx);
      set.entries = set.entries.filter((entry) => entry.cidr !== cidr);
    }),
  ];
}

function fileAt({ lab, params }: RequestContext, name: string): FirewallFile {
  const vmid = params.get('vmid');
  if (vmid !== undefined && lab.state.guests[vmid] === undefined) throw failure(`VM ${vmid} does not exist`);
  lab.state.firewall[name] ??= createFirewallFile();
  return lab.state.firewall[name];
}

function ruleOf(params: Params): FirewallRule {
  const rule: FirewallRule = {};
  for (const name of RULE_FIELDS) {
    const value = params.get(name);
    if (value !== undefined) rule[name] = NUMBERS.has(name) ? Number(value) : value;
  }
  return rule;
}

/** What PVE verifies of a whole rule beyond its parts (PVE/Firewall.pm verify_rule). */
function checkRule(ctx: RequestContext, rule: FirewallRule): void {
  const { type, action, macro, proto, dport, sport } = rule;
  if (type === undefined) throw badParameter('type', 'property is missing and it is not optional');
  if (type === 'group') {
    const known = fileAt({ ...ctx, params: ctx.params }, CLUSTER).groups[String(action)];
    if (known === undefined)
      throw badParameter('action', `security group '${String(action)}' does not exist`);
    return;
  }
  if (!/^(ACCEPT|DROP|REJECT)$/.test(String(action)))
    throw badParameter('action', `unknown action '${String(action)}'`);
  if (macro !== undefined && !MACROS.some(([name]) => name === macro))
    throw badParameter('macro', `unknown macro '${String(macro)}'`);
  if (macro === undefined && proto === undefined) {
    if (dport !== undefined) throw badParameter('proto', "missing property - 'dport' requires this property");
    if (sport !== undefined) throw badParameter('proto', "missing property - 'sport' requires this property");
  }
}

function digestOf(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value)).digest('hex');
}

function checkDigest(params: Params, value: unknown): void {
  const digest = params.get('digest');
  if (digest !== undefined && digest !== digestOf(value)) throw failure(CHANGED);
}
