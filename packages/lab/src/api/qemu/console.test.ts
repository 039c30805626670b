import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StartedLab, startLab } from '../../start-lab.js';

// The console of real guests is tested with them (test/real); here is what a node says without one.
describe('the serial console of a virtual machine', () => {
  let lab: StartedLab;
  beforeAll(async () => {
    lab = await startLab({ imageMirror: false });
    expect(await call('POST', '/nodes/pve/qemu', { vmid: 100, serial0: 'socket' })).toMatchObject({
      status: 200,
    });
  });
  afterAll(() => lab.close());

  const call = (
    method: string,
    path: string,
    params?: object,
  ): Promise<{ status: number | undefined; data: unknown }> =>
    new Promise((resolve, reject) => {
      const sent = request(
        `${lab.url}/api2/json${path}`,
        {
          method,
          ca: lab.ca,
          headers: { Authorization: `PVEAPIToken=${lab.token}`, 'Content-Type': 'application/json' },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode, data: text === '' ? null : JSON.parse(text).data }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(params === undefined ? undefined : JSON.stringify(params));
    });

  it('is offered with a ticket, a port and the task that stands for it', async () => {
    const { status, data } = await call('POST', '/nodes/pve/qemu/100/termproxy', {});
    expect(status).toBe(200);
    expect(data).toMatchObject({
      user: 'root@pam!phoenix',
      port: expect.stringMatching(/^59\d\d$/),
      ticket: expect.stringMatching(/^PVEVNC:/),
      upid: expect.stringContaining(':vncproxy:100:root@pam!phoenix:'),
    });
  });

  it('is not offered for a guest that does not exist', async () => {
    expect(await call('POST', '/nodes/pve/qemu/999/termproxy', {})).toMatchObject({ status: 500 });
  });

  it('needs a ticket that is good for this guest', async () => {
    expect(
      await call('GET', '/nodes/pve/qemu/100/vncwebsocket?port=5900&vncticket=PVEVNC%3Anothing'),
    ).toMatchObject({ status: 401 });
  });
});
