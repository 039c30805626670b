import type { GuestShell } from '@phoenix/features';
import { describe, expect, it } from 'vitest';
import { PhoenixError } from '../errors/phoenix-error.js';
import type { ObservedGuest } from '../observe/inventory.js';
import { mindStoppedGuest } from './mind-stopped-guest.js';

const observed: ObservedGuest = {
  kind: 'machine',
  vmid: 8001,
  name: 'web',
  node: 'pve',
  status: 'running',
  template: false,
  digest: '',
  config: {},
  pending: {},
  text: '',
};

/** A guest whose answers and state a test sets, and a clock that goes on ten seconds with every command. */
function openGuest() {
  const state: {
    answers: boolean;
    code: 'GUEST_UNREACHABLE' | 'PHOENIX_SECRET';
    live: ObservedGuest | undefined;
    looks: number;
  } = { answers: false, code: 'GUEST_UNREACHABLE', live: observed, looks: 0 };
  let time = 0;
  const answer = async (): Promise<never> => {
    time += 10_000;
    throw new PhoenixError({ code: state.code, message: 'no answer', hint: 'wait' });
  };
  const shell: GuestShell = {
    description: 'a guest',
    run: async () => {
      if (!state.answers) return answer();
      return { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array(), truncated: false };
    },
    writeFile: answer,
    readFile: answer,
  };
  const look = async () => {
    state.looks += 1;
    return state.live;
  };
  const minded = mindStoppedGuest(shell, { vmid: 8001, name: 'web', look }, () => time);
  const ask = () =>
    minded.run({ argv: ['true'] }).then(
      () => 'ok',
      (error: unknown) => String(Reflect.get(Object(error), 'code')),
    );
  return { state, ask };
}

const times = async (count: number, ask: () => Promise<string>): Promise<readonly string[]> => {
  const codes: string[] = [];
  for (let index = 0; index < count; index += 1) codes.push(await ask());
  return codes;
};

describe('a guest that gives no answer', () => {
  it('is waited for as long as it runs', async () => {
    const { state, ask } = openGuest();
    expect(new Set(await times(20, ask))).toEqual(new Set(['GUEST_UNREACHABLE']));
    expect(state.looks).toBeGreaterThan(0);
  });

  it('is told to be stopped once it was found off three times in a row', async () => {
    const { state, ask } = openGuest();
    state.live = { ...observed, status: 'stopped' };
    const codes = await times(6, ask);
    expect(codes.filter((code) => code === 'PHOENIX_GUEST_STOPPED').length).toBeGreaterThan(0);
    expect(codes.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => 'GUEST_UNREACHABLE'));
  });

  it('is told to be stopped when it is not there any more', async () => {
    const { state, ask } = openGuest();
    state.live = undefined;
    expect(await times(6, ask)).toContain('PHOENIX_GUEST_STOPPED');
  });

  it('is not looked at in its first seconds, nor after it answered again', async () => {
    const { state, ask } = openGuest();
    state.live = { ...observed, status: 'stopped' };
    await times(2, ask);
    state.answers = true;
    expect(await ask()).toBe('ok');
    state.answers = false;
    expect(await times(3, ask)).toEqual(Array.from({ length: 3 }, () => 'GUEST_UNREACHABLE'));
  });

  it('keeps every other error as it is', async () => {
    const { state, ask } = openGuest();
    state.live = { ...observed, status: 'stopped' };
    state.code = 'PHOENIX_SECRET';
    expect(new Set(await times(6, ask))).toEqual(new Set(['PHOENIX_SECRET']));
  });
});
