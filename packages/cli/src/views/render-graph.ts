import { type Action, actionSymbols, listActions, type Plan } from '@phoenix/core';

/** The graph of a plan's actions as Mermaid or as DOT, one cluster per guest. Ends with a line break. */
export function renderGraph(plan: Plan, format: 'mermaid' | 'dot'): string {
  const names = new Map(listActions(plan).map((action, index) => [action.id, `a${index}`]));
  const groups = [
    { id: 'shared', title: 'shared', actions: plan.shared },
    ...plan.guests.map((guest) => ({
      id: `g${guest.vmid}`,
      title: `${guest.vmid} ${guest.name}`,
      actions: guest.actions,
    })),
  ].filter((group) => group.actions.length > 0);
  const edges = listActions(plan).flatMap((action) =>
    action.dependsOn.flatMap((before) => {
      const from = names.get(before);
      const to = names.get(action.id);
      return from === undefined || to === undefined ? [] : [{ from, to }];
    }),
  );
  const nameOf = (action: Action) => names.get(action.id) ?? '';
  const lines =
    format === 'mermaid'
      ? [
          'flowchart TD',
          ...groups.flatMap((group) => [
            `  subgraph ${group.id}["${mermaid(group.title)}"]`,
            ...group.actions.map((action) => `    ${nameOf(action)}["${mermaid(label(action))}"]`),
            '  end',
          ]),
          ...edges.map((edge) => `  ${edge.from} --> ${edge.to}`),
        ]
      : [
          'digraph plan {',
          '  node [shape=box];',
          ...groups.flatMap((group) => [
            `  subgraph cluster_${group.id} {`,
            `    label=${JSON.stringify(group.title)};`,
            ...group.actions.map(
              (action) => `    ${nameOf(action)} [label=${JSON.stringify(label(action))}];`,
            ),
            '  }',
          ]),
          ...edges.map((edge) => `  ${edge.from} -> ${edge.to};`),
          '}',
        ];
  return `${lines.join('\n')}\n`;
}

function label(action: Action): string {
  return `${actionSymbols[action.kind]} ${action.title}`;
}

function mermaid(text: string): string {
  return text.replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;');
}
