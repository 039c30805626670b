import { describe, expect, it } from 'vitest';
import { action, guest, moreCores, plan } from '../../test/plans.js';
import { createPalette } from './palette.js';
import { renderPlan } from './render-plan.js';

const plain = createPalette(false);

describe('renderPlan', () => {
  it('shows a change with both values and when it takes effect', () => {
    const text = renderPlan(
      plan({
        guests: [guest({ actions: [action({ vmid: 8001, title: 'set cores', changes: [moreCores] })] })],
      }),
      plain,
    );
    expect(text).toBe(
      [
        '~ 8001 docker-vm-01  machine on pve will be changed (the configuration changed)',
        '    ~ set cores',
        '        cores  4 → 6  takes effect at the next cold start',
        '',
        'Plan: 1 to change.',
        '',
      ].join('\n'),
    );
  });

  it('shows what is created with its values, and shared work first', () => {
    const text = renderPlan(
      plan({
        shared: [
          action({
            id: 'image',
            step: 'image',
            kind: 'create',
            reason: 'missing',
            title: 'download noble.img',
          }),
        ],
        guests: [
          guest({
            vmid: 8000,
            name: 'template',
            kind: 'create',
            reason: 'missing',
            role: 'dependency',
            actions: [
              action({
                id: '8000/create',
                vmid: 8000,
                step: 'create',
                kind: 'create',
                reason: 'missing',
                title: 'create from noble.img',
                changes: [{ ...moreCores, live: null }],
              }),
              action({
                id: '8000/start',
                vmid: 8000,
                step: 'start',
                kind: 'run',
                reason: 'missing',
                title: 'start',
              }),
            ],
          }),
        ],
      }),
      plain,
    );
    expect(text.split('\n')).toEqual([
      '+ download noble.img  does not exist yet',
      '',
      '+ 8000 template  machine on pve will be created (does not exist yet; others need it)',
      '    + create from noble.img',
      '        cores  6',
      '    > start',
      '',
      'Plan: 1 to create.',
      '',
    ]);
  });

  it('says in one line that nothing differs', () => {
    const text = renderPlan(plan({ guests: [guest({ kind: 'none', reason: 'in-sync' })] }), plain);
    expect(text).toContain('No changes: 1 guest is as declared.');
    expect(text).toContain('= as declared: 8001 docker-vm-01');
  });

  it('keeps drift apart from changes, and shows notices', () => {
    const text = renderPlan(
      plan({
        guests: [guest({ kind: 'none', reason: 'in-sync', drift: [{ ...moreCores, live: 8 }], notices: [] })],
        notices: [{ code: 'x', message: 'a template has no snapshots', vmid: 8001 }],
      }),
      plain,
    );
    expect(text).toContain(
      'Changed outside Phoenix and left as it is:\n    8001 docker-vm-01  cores: 8, declared 6, last applied 4',
    );
    expect(text).toContain('! 8001: a template has no snapshots');
  });

  it('says of drift that the plan corrects that it will be put right', () => {
    const change = { ...moreCores, live: 8 };
    const actions = [action({ vmid: 8001, reason: 'drift', title: 'set cores', changes: [change] })];
    const text = renderPlan(plan({ guests: [guest({ actions, drift: [change] })] }), plain);
    expect(text).toContain(
      'Changed outside Phoenix, and put right by this plan:\n    8001 docker-vm-01  cores: 8, declared 6, last applied 4',
    );
    expect(text).not.toContain('left as it is');
  });

  it('never lets text from elsewhere move the cursor', () => {
    const text = renderPlan(
      plan({ guests: [guest({ actions: [action({ title: 'evil \u001b[2J\u0007title' })] })] }),
      plain,
    );
    expect(text).toContain('~ evil title');
  });

  it('colours only when asked', () => {
    const coloured = renderPlan(plan({ guests: [guest({})] }), createPalette(true));
    expect(coloured).toContain('\u001b[33m~\u001b[39m');
    expect(renderPlan(plan({ guests: [guest({})] }), plain)).not.toContain('\u001b');
  });
});
