import { describe, expect, it, jest } from '@jest/globals';
import { Secret } from '@slipline/core';
import { authority, errorOf, SERVER, World } from './testing/world.test.support.ts';

// Ends of waits are asserted, not their lengths: a busy machine may take its time.
jest.setTimeout(60_000);

describe('a connect', () => {
  it('is one authenticated Identify, encrypted over HTTP, and an entry', async () => {
    await using world = await World.open();
    const session = await world.connect();
    expect(session).toMatchObject({
      endpoint: SERVER,
      id: '1',
      kind: 'connection',
      label: 'CORP\\Administrator on server01',
      principal: 'CORP\\Administrator',
      state: 'live',
      ownership: 'opened',
      effects: ['forget'],
      details: {
        computerName: SERVER,
        port: 5985,
        transport: 'http',
        path: '/wsman',
        authentication: 'negotiate',
        isEncrypted: true,
        productVersion: 'OS: 10.0.20348 SP: 0.0 Stack: 3.0',
      },
    });
    expect(world.requests.filter((kind) => kind !== 'Authenticate')).toEqual(['Identify']);
    expect(world.winrm.requests.find(({ kind }) => kind === 'Identify')).toMatchObject({
      isSealed: true,
      user: 'CORP\\Administrator',
    });
    expect(await world.states()).toEqual(['open']);
    expect(world.winrm.openShellCount).toBe(0);
  });

  it.each([
    ['over TLS', { useSsl: true }, 'https', 5986],
    ['by a URI', { computerName: undefined, connectionUri: 'https://server01:5986/wsman' }, 'https', 5986],
    ['by its long name', { computerName: 'server01.corp.example' }, 'http', 5985],
  ])('%s reaches the computer', async (_how, values, transport, port) => {
    await using world = await World.open();
    const session = await world.connect(values);
    expect(session.details).toMatchObject({ transport, port, isEncrypted: true });
    expect(world.winrm.requests.at(-1)).toMatchObject({
      kind: 'Identify',
      transport,
      isSealed: transport === 'http',
    });
  });

  it('reaches an address and a port', async () => {
    await using world = await World.open();
    const session = await world.connect({ computerName: '127.0.0.1', port: world.winrm.httpPort });
    expect(session.endpoint).toBe(`127.0.0.1:${world.winrm.httpPort}`);
  });

  it.each([undefined, '', '.', 'localhost'])('to %p is one to this computer', async (computerName) => {
    await using world = await World.open();
    const session = await world.connect({ computerName, port: world.winrm.httpPort });
    expect(session).toMatchObject({
      endpoint: `localhost:${world.winrm.httpPort}`,
      details: { computerName: 'localhost' },
    });
  });

  it('binds the sign-in to the TLS channel, also where the service insists', async () => {
    await using world = await World.open({ winrm: { channelBinding: 'required' } });
    await world.connect({ useSsl: true });
    expect(world.winrm.requests.at(-1)?.user).toBe('CORP\\Administrator');
  });

  it('asks a person for what was not given, by the name of the computer', async () => {
    const asked: unknown[] = [];
    const credential = async (wanted: { readonly endpoint: string }) => {
      asked.push(wanted.endpoint);
      return { userName: 'Administrator@corp.example', password: new Secret('fake-password') };
    };
    await using world = await World.open({ prompts: { credential } });
    await world.connect({ userName: undefined, password: undefined });
    expect(asked).toEqual([SERVER]);
  });

  it('keeps a credential under the name by which a disconnect erases it', async () => {
    await using world = await World.open();
    const values = { computerName: '127.0.0.1', port: world.winrm.httpPort };
    const { session } = await world.slipline.connect(
      'wsman',
      { ...values, userName: 'CORP\\Administrator', password: new Secret('fake-password') },
      { saveCredential: true },
    );
    const saved = () => world.ledger.credentials.find('wsman', session.endpoint);
    expect((await saved())?.userName).toBe('CORP\\Administrator');
    await world.slipline.connect('wsman', values);
    await world.disconnect({ computerName: [session.endpoint] });
    expect(await saved()).toBeUndefined();
  });

  it('signs in again where the server has closed the connection meanwhile', async () => {
    await using world = await World.open({
      winrm: { closesConnections: true, authentication: { basic: true } },
    });
    await world.connect({ useSsl: true, authentication: 'basic', userName: 'Administrator' });
    const { sessions } = await world.list({ computerName: [SERVER] }, true);
    expect(sessions.map(({ state }) => state)).toEqual(['live']);
  });
});

describe('other ways to sign in', () => {
  const basic = { winrm: { authentication: { basic: true } } };

  it('Basic over TLS sends the password there only', async () => {
    await using world = await World.open(basic);
    await world.connect({ useSsl: true, authentication: 'basic', userName: 'Administrator' });
    expect(world.winrm.requests).toMatchObject([{ kind: 'Identify', transport: 'https', scheme: 'basic' }]);
  });

  it.each(['basic', 'digest'])('%s over HTTP is refused before anything is sent', async (authentication) => {
    await using world = await World.open(basic);
    const error = await errorOf(world.connect({ authentication }));
    expect(error).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('readable for all'),
      next: expect.stringContaining('--allow-unencrypted'),
    });
    expect([world.winrm.requestCount, await world.states()]).toEqual([0, []]);
  });

  it('Basic over HTTP is sent when a person says so', async () => {
    await using world = await World.open({
      winrm: { authentication: { basic: true }, allowUnencrypted: true },
    });
    const session = await world.connect({
      authentication: 'basic',
      allowUnencrypted: true,
      userName: 'Administrator',
    });
    expect(session.details).toMatchObject({ isEncrypted: false });
  });

  it('a service that wants encryption says nothing, and that is explained', async () => {
    await using world = await World.open(basic);
    const error = await errorOf(
      world.connect({ authentication: 'basic', allowUnencrypted: true, userName: 'Administrator' }),
    );
    expect(error).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('encrypted messages only'),
    });
  });

  it('a client certificate is shown over TLS, and needs no password', async () => {
    const known = await authority();
    const client = await known.issue({ commonName: 'jdoe', names: [] });
    await using world = await World.open({
      winrm: {
        clientAuthority: known.certificate,
        authentication: { certificate: true },
        users: [{ userName: 'jdoe', password: 'x', certificateNames: ['jdoe'] }],
      },
    });
    const none = { userName: undefined, password: undefined };
    const clientCertificate = new Secret(`${client.privateKey}\n${client.certificate}`);
    const session = await world.connect({ ...none, clientCertificate, useSsl: true });
    expect(session.details).toMatchObject({ authentication: 'certificate' });
    expect(world.winrm.requests.at(-1)).toMatchObject({ kind: 'Identify', scheme: 'certificate' });
    expect((await errorOf(world.connect({ ...none, clientCertificate }))).message).toContain('over TLS only');
  });

  it.each([
    [
      'that is no PEM',
      { clientCertificate: new Secret('x'), userName: undefined, password: undefined },
      'both a certificate',
    ],
    ['that is not given', { authentication: 'certificate' }, 'needs one'],
  ])('a certificate %s is refused', async (_what, values, message) => {
    await using world = await World.open();
    const error = await errorOf(world.connect({ useSsl: true, ...values }));
    expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining(message) });
  });
});

describe('a certificate of the server', () => {
  it('that nobody vouches for is refused, unless that check is left out', async () => {
    await using world = await World.open({ network: { authorities: [] } });
    const error = await errorOf(world.connect({ useSsl: true }));
    expect([error.code, world.winrm.requestCount]).toEqual(['untrusted', 0]);
    expect((await world.connect({ useSsl: true, skipCaCheck: true })).state).toBe('live');
  });

  it('for another name is refused, unless that check is left out, in every later process as well', async () => {
    const known = await authority();
    await using world = await World.open({
      winrm: { certificate: await known.issue({ commonName: 'other', names: ['other.example'] }) },
    });
    expect((await errorOf(world.connect({ useSsl: true }))).code).toBe('untrusted');
    expect((await errorOf(world.connect({ useSsl: true, skipCaCheck: true }))).code).toBe('untrusted');
    await world.connect({ useSsl: true, skipCnCheck: true, skipRevocationCheck: true });
    await using other = world.process();
    const { sessions } = await other.sessions({ provider: 'wsman', isLive: true });
    expect(sessions.map(({ state }) => state)).toEqual(['live']);
  });
});

describe('a sign-in that fails', () => {
  it.each([
    ['a wrong password', { password: new Secret('wrong') }],
    ['an unknown user', { userName: 'CORP\\nobody' }],
  ])('because of %s leaves nothing behind', async (_why, values) => {
    await using world = await World.open();
    const error = await errorOf(world.connect(values));
    expect(error).toMatchObject({
      code: 'unauthenticated',
      next: expect.any(String),
      mayHaveTakenEffect: false,
    });
    expect(world.requests).not.toContain('Identify');
    expect(await world.states()).toEqual([]);
  });

  it.each(['basic', 'credssp'])('by %s for want of a credential sends nothing', async (authentication) => {
    await using world = await World.open();
    const error = await errorOf(
      world.connect({ authentication, useSsl: true, userName: undefined, password: undefined }),
    );
    expect(error).toMatchObject({ code: 'unauthenticated', next: expect.stringContaining('--user-name') });
    expect([world.winrm.requestCount, await world.states()]).toEqual([0, []]);
  });

  it('for want of a ticket sends nothing', async () => {
    await using world = await World.open();
    const error = await errorOf(world.connect({ userName: undefined, password: undefined }));
    // Where the library of the system is missing, that is what is said.
    expect(['unauthenticated', 'unsupported']).toContain(error.code);
    expect([world.winrm.requestCount, await world.states()]).toEqual([0, []]);
  });

  it('tells nobody the password', async () => {
    await using world = await World.open();
    const error = await errorOf(world.connect({ password: new Secret('canary-1234') }));
    expect(JSON.stringify([error, world.log.records])).not.toContain('canary-1234');
    expect(String(error.stack) + String(error.cause)).not.toContain('canary-1234');
  });
});
