import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryLedger, Secret, Slipline } from '@slipline/core';
import { accepting, Samba, SAMBA_PASSWORD, SAMBA_USER, servePipe } from '@slipline/msrpc/testing';
import { terminalSessions } from './plugin.ts';
import { TerminalServices } from './testing/index.ts';

const CREDENTIAL = { userName: SAMBA_USER, password: new Secret(SAMBA_PASSWORD) };

/** smbd with the fake's pipes behind it: connection, sign-in, signing and encryption are those of a real server. */
class RealHost implements AsyncDisposable {
  readonly services = new TerminalServices(
    accepting({
      users: [{ userName: SAMBA_USER, password: SAMBA_PASSWORD }],
      target: { netbiosComputer: 'TSTHOST' },
    }),
    Date.now,
  );
  readonly samba: Samba;
  readonly #pipes: AsyncDisposable[] = [];

  private constructor(samba: Samba) {
    this.samba = samba;
  }

  static async start(global: Readonly<Record<string, string>>): Promise<RealHost> {
    const host = new RealHost(await Samba.start({ global }));
    for (const [name, service] of host.services.pipes())
      host.#pipes.push(await servePipe(host.samba.pipes, name, service));
    return host;
  }

  slipline(): Slipline {
    return new Slipline({
      providers: [terminalSessions({ transport: 'smb' })],
      ledger: new MemoryLedger(),
      network: { resolve: [{ host: 'TSTHOST', address: '127.0.0.1', toPort: this.samba.port }] },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pipe of this.#pipes) await pipe[Symbol.asyncDispose]();
    await this.samba.stop();
  }
}

describe.each<[string, Readonly<Record<string, string>>]>([
  ['3.1.1, encrypted', { 'server smb encrypt': 'required' }],
  ['3.1.1, signed', { 'server smb encrypt': 'off' }],
  ['3.0.2, encrypted', { 'server max protocol': 'SMB3_02', 'server smb encrypt': 'required' }],
  ['2.1, signed', { 'server max protocol': 'SMB2_10', 'server smb encrypt': 'off' }],
])('desktops behind smbd, SMB %s', (_what, global) => {
  let host: RealHost;
  beforeAll(async () => {
    host = await RealHost.start(global);
  }, 60_000);
  afterAll(() => host[Symbol.asyncDispose](), 60_000);

  it('are listed, disconnected and logged off', async () => {
    const { desktops } = host.services;
    for (let place = 0; place < 60; place++) desktops.logOn({ userName: `user${place}` });
    const [first, second] = desktops.ofPeople();
    await using slipline = host.slipline();
    const selector = { computerName: ['TSTHOST'], ...CREDENTIAL };
    const listed = await slipline.sessions({ provider: 'terminal-sessions', selector });
    expect(listed.problems).toEqual([]);
    expect(listed.sessions.map(({ details }) => details['userName'])).toEqual(
      desktops.ofPeople().map(({ userName }) => userName),
    );
    for (const [desktop, effect] of [[first, 'detach'] as const, [second, 'end'] as const]) {
      const one = { ...selector, sessionId: [desktop?.id] };
      const plan = await slipline.plan({ provider: 'terminal-sessions', selector: one, effect });
      const { outcomes } = await slipline.apply(plan, CREDENTIAL);
      expect(outcomes).toMatchObject([{ status: 'disconnected', effect, verification: 'verified' }]);
    }
    expect(desktops.changes).toEqual([`disconnect ${first?.id}`, `logoff ${second?.id}`]);
    expect(desktops.get(first?.id ?? 0)?.state).toBe('Disconnected');
    expect(desktops.get(second?.id ?? 0)).toBeUndefined();
  });

  it('are kept from whoever has the wrong password', async () => {
    await using slipline = host.slipline();
    const selector = { computerName: ['TSTHOST'], ...CREDENTIAL, password: new Secret('wrong') };
    const { problems } = await slipline.sessions({ provider: 'terminal-sessions', selector });
    expect(problems).toMatchObject([{ error: { code: 'unauthenticated' } }]);
  });
});
