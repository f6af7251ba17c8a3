import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryLedger, Secret, Slipline } from '@slipline/core';
import { terminalSessions } from './plugin.ts';
import { SambaHost } from './testing/index.ts';

const NAME = 'TSTHOST';

function sliplineFor({ port }: SambaHost): Slipline {
  return new Slipline({
    providers: [terminalSessions({ transport: 'smb' })],
    ledger: new MemoryLedger(),
    network: { resolve: [{ host: NAME, address: '127.0.0.1', toPort: port }] },
  });
}

describe.each<[string, Readonly<Record<string, string>>]>([
  ['3.1.1, encrypted', { 'server smb encrypt': 'required' }],
  ['3.1.1, signed', { 'server smb encrypt': 'off' }],
  ['3.0.2, encrypted', { 'server max protocol': 'SMB3_02', 'server smb encrypt': 'required' }],
  ['2.1, signed', { 'server max protocol': 'SMB2_10', 'server smb encrypt': 'off' }],
])('desktops behind smbd, SMB %s', (_what, global) => {
  let host: SambaHost;
  const credential = () => ({ userName: host.user.userName, password: new Secret(host.user.password) });
  beforeAll(async () => {
    host = await SambaHost.start({ global });
  }, 60_000);
  afterAll(() => host[Symbol.asyncDispose](), 60_000);

  it('are listed, disconnected and logged off', async () => {
    const { desktops } = host;
    for (let place = 0; place < 60; place++) desktops.logOn({ userName: `user${place}` });
    const [first, second] = desktops.ofPeople();
    await using slipline = sliplineFor(host);
    const selector = { computerName: [NAME], ...credential() };
    const listed = await slipline.sessions({ provider: 'terminal-sessions', selector });
    expect(listed.problems).toEqual([]);
    expect(listed.sessions.map(({ details }) => details['userName'])).toEqual(
      desktops.ofPeople().map(({ userName }) => userName),
    );
    for (const [desktop, effect] of [[first, 'detach'] as const, [second, 'end'] as const]) {
      const one = { ...selector, sessionId: [desktop?.id] };
      const plan = await slipline.plan({ provider: 'terminal-sessions', selector: one, effect });
      const { outcomes } = await slipline.apply(plan, credential());
      expect(outcomes).toMatchObject([{ status: 'disconnected', effect, verification: 'verified' }]);
    }
    expect(desktops.changes).toEqual([`disconnect ${first?.id}`, `logoff ${second?.id}`]);
    expect(desktops.get(first?.id ?? 0)?.state).toBe('Disconnected');
    expect(desktops.get(second?.id ?? 0)).toBeUndefined();
  });

  it('are kept from whoever has the wrong password', async () => {
    await using slipline = sliplineFor(host);
    const selector = { computerName: [NAME], ...credential(), password: new Secret('wrong') };
    const { problems } = await slipline.sessions({ provider: 'terminal-sessions', selector });
    expect(problems).toMatchObject([{ error: { code: 'unauthenticated' } }]);
  });
});
