import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { MemoryLedger, Secret, Slipline } from '@slipline/core';
import { wsman } from './index.ts';
import { PASSWORD, startGssService, type GssService } from './testing/gss-service.peer.test.support.ts';

jest.setTimeout(60_000);

let service: GssService;
beforeAll(async () => {
  service = await startGssService();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const newSlipline = () =>
  new Slipline({
    providers: [wsman()],
    ledger: new MemoryLedger(),
    network: { authorities: [service.authority] },
  });
const connect = (slipline: Slipline, values: object) =>
  slipline.connect('wsman', { computerName: 'localhost', port: service.port, ...values });
const user = (userName: string, password = PASSWORD) => ({ userName, password: new Secret(password) });

describe('a service that accepts with MIT krb5 and gss-ntlmssp', () => {
  it.each([
    ['Kerberos with a ticket', { authentication: 'kerberos' }, 'user@TEST.LOCAL'],
    [
      'Kerberos with a password',
      { authentication: 'kerberos', ...user('user@TEST.LOCAL') },
      'user@TEST.LOCAL',
    ],
    ['Negotiate with a ticket', {}, 'user@TEST.LOCAL'],
    ['Negotiate with a password, which is NTLM', user('CORP\\ntlmuser'), 'ntlmuser'],
  ])('is signed in to by %s, and messages are encrypted both ways', async (_how, values, who) => {
    await using slipline = newSlipline();
    const { session } = await connect(slipline, values);
    expect(session.details).toMatchObject({ isEncrypted: true, vendor: expect.stringContaining(who) });
    const selector = { computerName: [session.endpoint], shells: true };
    for (let time = 0; time < 3; time += 1) {
      const { sessions, problems } = await slipline.sessions({ provider: 'wsman', selector });
      expect(problems).toEqual([]);
      expect(sessions).toMatchObject([{ id: '1F0B', principal: expect.stringContaining(who) }]);
    }
  });

  it.each([
    ['Kerberos', { authentication: 'kerberos', ...user('user@TEST.LOCAL', 'Wrong123') }],
    ['NTLM', user('CORP\\ntlmuser', 'Wrong123')],
  ])('is not signed in to by %s with a wrong password', async (_how, values) => {
    await using slipline = newSlipline();
    await expect(connect(slipline, values)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it.each([
    ['is not encrypted', 'clear', 'not encrypted'],
    ['was changed on the way', 'changed', ''],
  ])('is not believed where its answer %s', async (_how, applicationName, message) => {
    for (const values of [{ authentication: 'kerberos' }, user('CORP\\ntlmuser')]) {
      await using slipline = newSlipline();
      await expect(connect(slipline, { ...values, applicationName })).rejects.toMatchObject({
        code: 'untrusted',
        message: expect.stringContaining(message),
      });
    }
  });

  it.each([
    ['Kerberos', { authentication: 'kerberos' }, 'user@TEST.LOCAL'],
    ['NTLM', user('CORP\\ntlmuser'), 'ntlmuser'],
  ])('is signed in to by %s over TLS, and through that channel only', async (_how, values, who) => {
    await using slipline = newSlipline();
    const secure = { ...values, useSsl: true, port: service.securePort };
    const { session } = await connect(slipline, secure);
    expect(session.details).toMatchObject({ transport: 'https', vendor: expect.stringContaining(who) });
    await expect(connect(slipline, { ...secure, applicationName: 'elsewhere' })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});
