import type { StepContext } from '../../../apply/step-context.js';
import type { DeclaredFirewallRule } from '../../../config/model.js';
import { machineStep, requireOurMachine, writeMachine } from '../machine-step.js';

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
  node: string,
  rules: readonly DeclaredFirewallRule[],
): Promise<void> {
  const { client, vmid, signal } = context;
  const present = await client.request(
    'GET /nodes/{node}/qemu/{vmid}/firewall/rules',
    { node, vmid },
    { signal },
  );
  // Positions shift when a rule goes: from the end.
  for (let pos = present.length - 1; pos >= 0; pos -= 1) {
    await client.request('DELETE /nodes/{node}/qemu/{vmid}/firewall/rules/{pos}', { node, vmid, pos });
  }
  // A new rule goes to the top: the last one first.
  for (const rule of [...rules].reverse()) {
    await client.request('POST /nodes/{node}/qemu/{vmid}/firewall/rules', {
      node,
      vmid,
      ...ruleParameters(rule),
    });
  }
}

/** Sets the machine's firewall: options, and rules in the declared order. All rules of the machine are Phoenix' then. */
export const firewall = machineStep(async (context) => {
  const { client, declared, action, vmid } = context;
  const wanted = declared.firewall;
  if (wanted === undefined) return { outcome: 'unchanged' };
  const guest = await requireOurMachine(context);
  const digest = String(action.input.digest);
  if (guest.marker.firewall === digest) return { outcome: 'unchanged' };
  await replaceRules(context, guest.node, wanted.rules);
  await client.request('PUT /nodes/{node}/qemu/{vmid}/firewall/options', {
    node: guest.node,
    vmid,
    enable: wanted.enabled,
    ...(wanted.policyIn === undefined ? {} : { policy_in: wanted.policyIn }),
    ...(wanted.policyOut === undefined ? {} : { policy_out: wanted.policyOut }),
  });
  const after = await requireOurMachine(context);
  await writeMachine(context, after, { marker: { ...after.marker, firewall: digest } });
  return { outcome: 'ok' };
});
