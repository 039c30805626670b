import type { GuestRef } from '@phoenix/proxmox-client';
import type { StepContext } from '../../apply/step-context.js';
import type { DeclaredFirewallRule } from '../../config/model.js';
import { declaredStep, guestRefOf, requireOurGuest, writeGuest } from '../guest-step.js';

const logLevels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'] as const;

function ruleParameters(rule: DeclaredFirewallRule) {
  const { type, action, source, dest, proto, port, sourcePort, macro, iface, comment, enabled } = rule;
  const level = logLevels.find((name) => name === rule.log);
  return {
    type,
    action,
    // Without it Proxmox VE adds rules switched off.
    enable: enabled ? 1 : 0,
    ...(source === undefined ? {} : { source }),
    ...(dest === undefined ? {} : { dest }),
    ...(proto === undefined ? {} : { proto }),
    ...(port === undefined ? {} : { dport: port }),
    ...(sourcePort === undefined ? {} : { sport: sourcePort }),
    ...(macro === undefined ? {} : { macro }),
    ...(iface === undefined ? {} : { iface }),
    ...(comment === undefined ? {} : { comment }),
    ...(level === undefined ? {} : { log: level }),
  };
}

async function replaceRules(
  context: StepContext,
  { kind, node, vmid }: GuestRef,
  rules: readonly DeclaredFirewallRule[],
): Promise<void> {
  const { client, signal } = context;
  const present = await client.request(
    `GET /nodes/{node}/${kind}/{vmid}/firewall/rules`,
    { node, vmid },
    { signal },
  );
  // Positions shift when a rule goes: from the end.
  for (let pos = present.length - 1; pos >= 0; pos -= 1) {
    await client.request(`DELETE /nodes/{node}/${kind}/{vmid}/firewall/rules/{pos}`, { node, vmid, pos });
  }
  // A new rule goes to the top: the last one first.
  for (const rule of [...rules].reverse()) {
    await client.request(`POST /nodes/{node}/${kind}/{vmid}/firewall/rules`, {
      node,
      vmid,
      ...ruleParameters(rule),
    });
  }
}

/** Sets the guest's firewall: options, and rules in the declared order. All rules of the guest are Phoenix' then. */
export const firewall = declaredStep(async (context) => {
  const { client, declared, action } = context;
  const wanted = declared.firewall;
  if (wanted === undefined) return { outcome: 'unchanged' };
  const guest = await requireOurGuest(context);
  const digest = String(action.input.digest);
  if (guest.marker.firewall === digest) return { outcome: 'unchanged' };
  const ref = guestRefOf(guest);
  const { kind, node, vmid } = ref;
  await replaceRules(context, ref, wanted.rules);
  await client.request(`PUT /nodes/{node}/${kind}/{vmid}/firewall/options`, {
    node,
    vmid,
    enable: wanted.enabled,
    ...(wanted.policyIn === undefined ? {} : { policy_in: wanted.policyIn }),
    ...(wanted.policyOut === undefined ? {} : { policy_out: wanted.policyOut }),
  });
  const after = await requireOurGuest(context);
  await writeGuest(context, after, { marker: { ...after.marker, firewall: digest } });
  return { outcome: 'ok' };
});
