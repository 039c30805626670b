import { describe, expect, it } from 'vitest';
import { action, guest, plan } from '../../test/plans.js';
import { renderGraph } from './render-graph.js';

const made = plan({
  shared: [action({ id: 'image', step: 'image', kind: 'create', title: 'image "noble" <1>' })],
  guests: [
    guest({
      vmid: 8000,
      name: 'template',
      actions: [action({ id: '8000/create', kind: 'create', title: 'machine', dependsOn: ['image'] })],
    }),
    guest({ actions: [] }),
  ],
});

describe('renderGraph', () => {
  it('draws one box for each action, one frame for each guest with work, and the arrows of the order', () => {
    expect(renderGraph(made, 'mermaid').split('\n')).toEqual([
      'flowchart TD',
      '  subgraph shared["shared"]',
      '    a0["+ image #quot;noble#quot; #lt;1#gt;"]',
      '  end',
      '  subgraph g8000["8000 template"]',
      '    a1["+ machine"]',
      '  end',
      '  a0 --> a1',
      '',
    ]);
    expect(renderGraph(made, 'dot').split('\n')).toEqual([
      'digraph plan {',
      '  node [shape=box];',
      '  subgraph cluster_shared {',
      '    label="shared";',
      '    a0 [label="+ image \\"noble\\" <1>"];',
      '  }',
      '  subgraph cluster_g8000 {',
      '    label="8000 template";',
      '    a1 [label="+ machine"];',
      '  }',
      '  a0 -> a1;',
      '}',
      '',
    ]);
  });
});
