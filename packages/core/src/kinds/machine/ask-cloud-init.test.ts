import type { GuestShell } from '@phoenix/features';
import { describe, expect, it } from 'vitest';
import { askCloudInit } from './ask-cloud-init.js';

/** A guest that answers the questions in turn. */
function answering(
  ...answers: readonly { readonly exitCode: number; readonly says?: unknown }[]
): GuestShell & { readonly asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = [];
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    asked,
    description: 'a guest',
    run: async ({ argv }) => {
      asked.push(argv.slice(4));
      const { exitCode = 0, says = '' } = answers[asked.length - 1] ?? {};
      const stdout = new TextEncoder().encode(typeof says === 'string' ? says : JSON.stringify(says));
      return { exitCode, stdout, stderr: new Uint8Array(), truncated: false };
    },
    writeFile: unused,
    readFile: unused,
  };
}

const finished = { start: 10.5, finished: 12.25, errors: [] };
/** As cloud-init 22.4 leaves it. */
const notes = {
  v1: {
    datasource: 'DataSourceNoCloud [seed=/dev/sr0][dsmode=net]',
    'init-local': finished,
    init: finished,
    'modules-config': finished,
    'modules-final': finished,
    stage: null,
  },
};
const HAS_RESULT = 98;
const STILL_RUNNING = 99;

describe('how far cloud-init is', () => {
  it('is told by its notes alone where they leave no doubt', async () => {
    const shell = answering({ exitCode: HAS_RESULT, says: notes });
    expect(await askCloudInit(shell, 0)).toEqual({ state: 'done', detail: '' });
    expect(shell.asked).toEqual([['notes', 'read']]);
  });

  it.each([
    ['a stage that failed', { ...notes.v1, init: { ...finished, errors: ["('ssh', KeyError())"] } }],
    [
      'a stage with remarks',
      { ...notes.v1, init: { ...finished, recoverable_errors: { WARNING: ['old key'] } } },
    ],
    ['a stage that never ended', { ...notes.v1, 'modules-config': { ...finished, finished: null } }],
    ['a stage that goes on', { ...notes.v1, stage: 'modules-final' }],
    ['no stage at all', { stage: null }],
  ])('is asked of cloud-init itself after %s', async (_, v1) => {
    const says = { status: 'error', errors: ["('ssh', KeyError())"] };
    const shell = answering({ exitCode: HAS_RESULT, says: { v1 } }, { exitCode: 1, says });
    expect(await askCloudInit(shell, 0)).toEqual({ state: 'failed', detail: "('ssh', KeyError())" });
    expect(shell.asked.at(-1)).toEqual(['status']);
  });

  it('is asked of cloud-init itself where its notes cannot be read', async () => {
    const shell = answering(
      { exitCode: HAS_RESULT, says: '{"v1": {"st' },
      { exitCode: 0, says: 'status: done\n' },
    );
    expect(await askCloudInit(shell, 0)).toMatchObject({ state: 'done' });
  });

  it('names the stage while it works', async () => {
    const says = { v1: { ...notes.v1, stage: 'modules-final' } };
    expect(await askCloudInit(answering({ exitCode: STILL_RUNNING, says }), 0)).toEqual({
      state: 'running',
      detail: 'still at the final stage (modules-final): packages, scripts',
    });
    expect(await askCloudInit(answering({ exitCode: STILL_RUNNING, says: notes }), 0)).toMatchObject({
      detail: 'between two stages',
    });
  });

  it('is failed when its last stage was killed, which is looked for now and then', async () => {
    const says = 'status: error\ncloud-final.service ended before it was done\n';
    const shell = answering({ exitCode: 1, says });
    expect(await askCloudInit(shell, 9)).toEqual({ state: 'failed', detail: says.trim() });
    expect(shell.asked).toEqual([['notes', 'look']]);
  });

  it('is done with remarks by exit code 2', async () => {
    const says = { status: 'done', recoverable_errors: { WARNING: ['a deprecated key'] } };
    expect(await askCloudInit(answering({ exitCode: 2, says }), 0)).toEqual({
      state: 'degraded',
      detail: 'a deprecated key',
    });
  });

  it('is nothing where cloud-init is missing or disabled', async () => {
    expect(await askCloudInit(answering({ exitCode: 127 }), 0)).toMatchObject({ state: 'absent' });
    expect(await askCloudInit(answering({ exitCode: 0, says: { status: 'disabled' } }), 0)).toMatchObject({
      state: 'absent',
    });
  });
});
