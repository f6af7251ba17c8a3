import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  ADA,
  browserOf,
  GRAPH,
  MemoryPartition,
  publicClient,
  secretClient,
  signedIn,
  startProvider,
} from './bench.test.support.ts';
import { selfSigned } from './certificates.test.support.ts';
import { readPartition } from './partition.ts';
import {
  CONTOSO,
  FakeMetadataService,
  faults,
  SECRET_APPLICATION,
  type Fault,
  type FakeIdentityProvider,
} from './testing/index.ts';

const own = selfSigned();
const written: unknown[] = [];

beforeEach(() => {
  written.length = 0;
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    jest.spyOn(console, method).mockImplementation((...values: unknown[]) => void written.push(...values));
  }
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(text.toString());
      return true;
    });
  }
  jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void written.push(warning));
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Everything that could be said of an error: its text in every form, its fields, hidden ones too, and all of its causes. */
function said(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? said(error.cause) : '';
  const all = inspect(error, {
    depth: Infinity,
    showHidden: true,
    maxStringLength: null,
    maxArrayLength: null,
  });
  return `${all} ${String(error)} ${JSON.stringify(error)} ${cause}`;
}

/** What would give a secret away: itself, its parts, and how it looks on the wire. */
function spellings(secret: string): readonly string[] {
  const whole = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
  return [...whole, ...secret.split('.').filter((part) => part.length > 30)];
}

async function attempt(work: () => Promise<unknown>): Promise<string> {
  return work().then(
    (value) => said(value instanceof Object && 'error' in value ? value.error : undefined),
    said,
  );
}

/** Every way to sign in and to go on, while something is wrong. */
async function tryAll(provider: FakeIdentityProvider, spoil: () => void, given: string): Promise<string[]> {
  provider.register(CONTOSO.id, {
    ...SECRET_APPLICATION,
    certificates: [own.certificate],
    federatedCredentials: [provider.workload.credential],
  });
  const { clientId } = SECRET_APPLICATION;
  const { client, partition } = await signedIn(provider);
  const certificate = { content: own.certificate + own.privateKey };
  spoil();
  const application = (signIn: Parameters<typeof publicClient>[1]) =>
    publicClient(provider, { clientId, requestTimeout: 2000, ...signIn }).client;
  return Promise.all([
    attempt(() => client.acquire({ scopes: [GRAPH], forceRefresh: true })),
    attempt(() => client.redeemable()),
    attempt(() =>
      client.signIn({
        scopes: [GRAPH],
        onDeviceCode: ({ userCode }) => provider.approveDevice(userCode, ADA.userName),
      }),
    ),
    attempt(() =>
      application({ signIn: { kind: 'interactive', clientSecret: 'fake~client-secret' } }).signIn({
        scopes: [GRAPH],
        openBrowser: browserOf(),
      }),
    ),
    attempt(() => secretClient(provider).client.acquire({ scopes: [GRAPH] })),
    attempt(() => application({ signIn: { kind: 'certificate', certificate } }).acquire({ scopes: [GRAPH] })),
    attempt(() =>
      application({
        signIn: { kind: 'federated', assertion: async () => provider.workload.assertion() },
      }).acquire({ scopes: [GRAPH] }),
    ),
    attempt(() =>
      application({
        tenant: 'fabrikam.example',
        signIn: { kind: 'access-token', accessToken: given },
      }).signIn({ scopes: [GRAPH] }),
    ),
    attempt(async () => readPartition((partition.text ?? '').slice(0, -3))),
  ]);
}

describe('no secret is said or written', () => {
  const spoilers: readonly (readonly [string, Fault])[] = [
    ['repeats the request', faults.echo()],
    ['answers with a page', faults.html()],
    ['answers with an empty token', faults.emptyToken()],
    ['answers with half of it', faults.notJson()],
    ['cuts the connection', faults.reset()],
    ['redirects', faults.redirectTo('https://elsewhere.example/token')],
    ['forges the tenant', faults.forge('tenant')],
    ['forges the account', faults.forge('account')],
    ['forges the issuer', faults.forge('issuer')],
    ['forges the id token', faults.forge('id-token')],
    ['forges the time', faults.forge('expired-token')],
  ];

  it.each(spoilers)('when the token endpoint %s', async (_what, fault) => {
    await using provider = await startProvider();
    const given = provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, GRAPH);
    const errors = await tryAll(
      provider,
      () => provider.inject(fault, { path: '/oauth2/v2.0/token' }),
      given,
    );
    expectClean(provider, errors, given);
  });

  it.each([50173, 50076, 53003, 65001, 7000215, 700027])(
    'when the service refuses with %i',
    async (aadsts) => {
      await using provider = await startProvider();
      const given = provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, GRAPH);
      const spoil = () => {
        for (const whom of [ADA.userName, SECRET_APPLICATION.clientId]) provider.refuse(whom, aadsts);
      };
      expectClean(provider, await tryAll(provider, spoil, given), given);
    },
  );

  it('by a managed identity', async () => {
    await using provider = await startProvider();
    await using service = await FakeMetadataService.start({ provider });
    const source = {
      endpoint: 'app-service',
      url: service.identityEndpoint,
      header: service.identityHeader,
    } as const;
    const partition = new MemoryPartition();
    const { client } = publicClient(provider, {
      clientId: undefined,
      partition,
      signIn: { kind: 'managed-identity', source },
      fetch,
    });
    const errors: string[] = [];
    for (const fault of [faults.echo(), faults.html(), faults.reset()]) {
      service.inject(fault, { times: 1 });
      errors.push(await attempt(() => client.acquire({ scopes: [GRAPH] })));
    }
    expectClean(provider, errors, service.identityHeader);
  });

  function expectClean(provider: FakeIdentityProvider, errors: readonly string[], given: string): void {
    expect(errors.filter((error) => error.includes('IdentityError')).length).toBeGreaterThan(1);
    const output = [...errors, ...written.map((value) => inspect(value, { depth: Infinity }))].join('\n');
    const assertions = provider
      .requestsTo('/token')
      .flatMap(({ form }) => form.get('client_assertion') ?? []);
    const codes = provider.requestsTo('/token').flatMap(({ form }) => form.get('code_verifier') ?? []);
    const keyLine = own.privateKey.split('\n')[3] ?? '';
    const canaries = [...provider.canaries(), ...assertions, ...codes, given, keyLine];
    expect(canaries.length).toBeGreaterThan(5);
    const leaks = canaries.filter((canary) =>
      spellings(canary).some((spelling) => output.includes(spelling)),
    );
    expect(leaks).toEqual([]);
  }
});
