import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ScriptedTerminal } from './command-line.test.support.ts';
import { ADA, APPLICATION, BEN, Clouds, shown } from './clouds.test.support.ts';

// Microsoft's clouds from the command line, as processes and for a person at a terminal.
jest.setTimeout(120_000);

let clouds: Clouds;
beforeEach(async () => {
  // As the profile path with which the cmdlet fails.
  clouds = await Clouds.start("C$HOME [it's] $(id)");
});
afterEach(() => clouds[Symbol.asyncDispose]());

const TENANT = 'contoso.onmicrosoft.com';

interface Outcome {
  readonly status: string;
  readonly verification: string;
  readonly record?: Readonly<Record<string, unknown>>;
}
const outcomes = (text: string) => JSON.parse(text) as readonly Outcome[];

describe('a sign-in', () => {
  it('with a code tells where to go on stderr, and the session on stdout', async () => {
    for (const provider of ['entra', 'exchange-online']) {
      const connected = await clouds.connect(ADA, provider);
      expect(connected).toMatchObject({ code: 0, stdout: expect.stringContaining(`connected: ${ADA}`) });
      expect(connected.stdout).not.toContain('deviceauth');
      expect(connected.stderr).toContain(`${clouds.directory.origin}/common/oauth2/deviceauth`);
    }
    expect((await clouds.call('ls', '-o', 'json')).stdout).toContain('"principal": "ada@');
  });

  it('in the browser opens the page with the program of BROWSER, and comes back', async () => {
    for (const [provider, userName] of [
      ['entra', ADA],
      ['exchange-online', BEN],
    ] as const) {
      const browser = clouds.browser(userName);
      const connecting = clouds.spawn(['connect', provider], { BROWSER: browser.program });
      await browser.signIn();
      const { code, stdout, stderr } = await connecting.ended;
      expect([code, stdout]).toEqual([0, expect.stringContaining(`connected: ${userName}`)]);
      expect(stderr).toContain(`${clouds.directory.origin}/`);
    }
  });

  it('that the person declines, or another tenant answers, leaves nothing', async () => {
    const connecting = clouds.spawn(['connect', 'entra', TENANT, '--use-device-code']);
    clouds.directory.declineDevice(await shown(connecting, /\b[A-Z]{9}\b/));
    expect(await connecting.ended).toMatchObject({ code: 5, stdout: '' });
    const foreign = await clouds.connect('fay@fabrikam.onmicrosoft.com', 'entra', TENANT);
    expect([foreign.code, foreign.stdout]).toEqual([5, '']);
    expect((await clouds.call('ls', '-o', 'json')).stdout.trim()).toBe('[]');
  });
});

describe('disconnect entra', () => {
  it('prints the context that it ended, as an object and as a list', async () => {
    await clouds.spawn(['connect', 'entra', TENANT, ...APPLICATION]).ended;
    const asObject = await clouds.call('disconnect', 'entra', '-o', 'json');
    expect(asObject.code).toBe(0);
    const [{ record } = {}] = outcomes(asObject.stdout) as [Outcome];
    expect(Object.keys(record ?? {})).toEqual([
      'ClientId',
      'TenantId',
      'Scopes',
      'AuthType',
      'TokenCredentialType',
      'CertificateThumbprint',
      'CertificateSubjectName',
      'Account',
      'AppName',
      'ContextScope',
      'Certificate',
      'PSHostVersion',
      'ManagedIdentityId',
      'ClientSecret',
      'Environment',
    ]);
    expect(record).toMatchObject({ AuthType: 'AppOnly', ClientSecret: '[redacted]', Environment: 'Global' });
    await clouds.connect(ADA, 'entra');
    const asList = await clouds.call('disconnect', 'entra');
    expect(asList.stdout).toMatch(/^Account +: ada@contoso\.onmicrosoft\.com$/m);
    expect(asList.stdout).toMatch(/^ClientSecret +: *$/m);
  });

  it('of nothing says so, and is an error only where that is asked for', async () => {
    for (const provider of ['entra', 'exchange-online']) {
      const nothing = await clouds.call('disconnect', provider);
      expect([nothing.code, nothing.stdout, nothing.stderr]).toEqual([
        0,
        '',
        'There is nothing to disconnect.\n',
      ]);
      expect((await clouds.call('disconnect', provider, '--require-match')).code).toBe(4);
    }
    expect((await clouds.call('Disconnect-Entra')).code).toBe(0);
  });

  it('takes just what is named', async () => {
    for (const name of ['one', 'two', 'three']) await clouds.connect(ADA, 'entra', '--name', name);
    expect((await clouds.call('disconnect', 'entra', 'two')).code).toBe(0);
    const { stdout } = await clouds.call('ls', '-o', 'json', '--query', '[].details.name');
    expect(JSON.parse(stdout)).toEqual(['one', 'three']);
    expect((await clouds.call('disconnect', 'entra', 'two')).code).toBe(4);
  });
});

describe('disconnect --effect revoke', () => {
  const revoke = (provider: string, session?: string) => [
    'disconnect',
    session === undefined ? provider : `${provider}:${session}`,
    '--effect',
    'revoke',
  ];

  /** The first session that is listed. */
  async function named(provider: string): Promise<string> {
    const { stdout } = await clouds.call('ls', provider, '-o', 'json', '--query', '[0].id');
    return JSON.parse(stdout) as string;
  }

  it('says that it signs out everywhere, and wants the user name typed', async () => {
    await clouds.connect(ADA, 'entra');
    const reluctant = new ScriptedTerminal('yes');
    expect((await clouds.run(revoke('entra'), reluctant)).stdout).toContain('not confirmed');
    expect(reluctant.questions).toEqual([
      expect.stringMatching(
        /it signs that person out of every app and device\. To go on, type ada@contoso\.onmicrosoft\.com: $/,
      ),
    ]);
    expect(clouds.entra.graph.requestsTo('/v1.0/me/revokeSignInSessions')).toEqual([]);
    const willing = new ScriptedTerminal(ADA);
    const { code, stdout } = await clouds.run([...revoke('entra'), '-o', 'json'], willing);
    expect([code, outcomes(stdout)]).toEqual([
      0,
      [expect.objectContaining({ status: 'disconnected', verification: 'verified' })],
    ]);
  });

  it.each(['entra', 'exchange-online'])(
    'of %s wants --confirm-name where nobody can type',
    async (provider) => {
      await clouds.connect(ADA, provider);
      const line = revoke(provider, await named(provider));
      for (const flags of [[], ['--yes'], ['--confirm-name', BEN]]) {
        const refused = await clouds.spawn([...line, ...flags]).ended;
        expect([refused.code, refused.stdout]).toEqual([2, '']);
        expect(refused.stderr).toContain(`--confirm-name ${ADA}`);
      }
      expect(clouds.directory.refreshTokens.every((token) => clouds.directory.isRedeemable(token))).toBe(
        true,
      );
      const done = await clouds.spawn([...line, '--confirm-name', ADA]).ended;
      expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/^revoked: .*, verified/)]);
      expect(clouds.directory.refreshTokens.some((token) => clouds.directory.isRedeemable(token))).toBe(
        false,
      );
    },
  );

  it('that the directory takes its time for is said not to be verified, and leaves nothing here', async () => {
    clouds.entra.graph.configure({ revocationDelay: 3_600_000 });
    for (const [provider, flags, exit] of [
      ['entra', [], 0],
      ['exchange-online', ['--require-verified'], 7],
    ] as const) {
      await clouds.connect(ADA, provider);
      const line = [...revoke(provider, await named(provider)), '--confirm-name', ADA, '--timeout', '2s'];
      const done = await clouds.spawn([...line, ...flags]).ended;
      expect([done.code, done.stdout]).toEqual([
        exit,
        expect.stringMatching(/^revoked: .*, not verified yet/),
      ]);
      expect((await clouds.call('ls', provider, '-o', 'json')).stdout.trim()).toBe('[]');
    }
    expect(clouds.filesWith(clouds.canaries())).toEqual([]);
  });

  it.each(['entra', 'exchange-online'])(
    'of %s is never meant for all, nor for an application',
    async (provider) => {
      await clouds.connect(ADA, provider);
      const place = provider === 'entra' ? [TENANT] : ['--organization', TENANT];
      await clouds.spawn(['connect', provider, ...place, ...APPLICATION]).ended;
      const all = await clouds.spawn([...revoke(provider), '--all', '--yes', '--confirm-name', ADA]).ended;
      expect([all.code, all.stdout]).toEqual([2, '']);
      const { stdout } = await clouds.call('ls', provider, '-o', 'json');
      expect(JSON.parse(stdout)).toHaveLength(2);
      const [, application] = JSON.parse(stdout) as readonly { id: string }[];
      const refused = await clouds.spawn([
        'disconnect',
        `${provider}:${application?.id}`,
        '--effect',
        'revoke',
      ]).ended;
      expect([refused.code, refused.stderr]).toEqual([
        expect.any(Number),
        expect.stringContaining('only people have sign-ins to revoke'),
      ]);
      expect(refused.code).not.toBe(0);
      expect(clouds.entra.graph.requestsTo('/v1.0/me/revokeSignInSessions')).toEqual([]);
    },
  );

  it.each(['entra', 'exchange-online'])('of %s that fails leaves nothing here', async (provider) => {
    await clouds.connect(ADA, provider);
    clouds.entra.fail('error');
    const line = revoke(provider, await named(provider));
    const failed = await clouds.spawn([...line, '--confirm-name', ADA]).ended;
    expect(failed.code).not.toBe(0);
    expect((await clouds.call('ls', '-o', 'json')).stdout.trim()).toBe('[]');
    expect(clouds.filesWith(clouds.canaries())).toEqual([]);
  });
});
