import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { Secret } from '@slipline/core';
import { CONTOSO, FakeMetadataService, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import { CERTIFICATE, PRIVATE_KEY } from './certificate.test.support.ts';
import { EXCHANGE_HOSTS, exchangeFaults } from './testing/index.ts';
import { errorOf, World } from './testing/world.test.support.ts';

jest.setTimeout(30_000);

const ORGANIZATION = 'contoso.onmicrosoft.com';
const ANCHOR = `APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@${CONTOSO.id}`;
const ASSIGNED = CONTOSO.managedIdentities[1]?.clientId ?? '';

describe('a connect', () => {
  it('is a sign-in and one question to the service', async () => {
    await using world = await World.open();
    const session = await world.connect();
    expect(session).toMatchObject({
      endpoint: EXCHANGE_HOSTS.exchange,
      principal: 'ada@contoso.onmicrosoft.com',
      ownership: 'opened',
      effects: ['forget', 'revoke'],
      state: 'live',
    });
    expect(world.bench.exchange.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /adminapi/beta/${CONTOSO.id}/basicinfo('AdminApiState')`,
    ]);
    expect(world.bench.exchange.connection(session.id)?.anchors).toEqual(['UPN:ada@contoso.onmicrosoft.com']);
  });

  it('in a browser shows the person where to go', async () => {
    await using world = await World.open();
    expect(await world.connect({ device: false })).toMatchObject({
      principal: 'ada@contoso.onmicrosoft.com',
    });
  });

  it('needs nobody to tell where it acts as an application, with a secret', async () => {
    await using world = await World.open({ prompts: {} });
    const session = await world.connectApplication();
    expect(session).toMatchObject({
      effects: ['forget'],
      details: { userPrincipalName: '', appId: SECRET_APPLICATION.clientId, organization: ORGANIZATION },
    });
    expect(session.principal).toBe(`application ${SECRET_APPLICATION.clientId}`);
    expect(world.bench.exchange.connection(session.id)?.anchors).toEqual([ANCHOR]);
  });

  it('with a certificate reads its file wherever it lies', async () => {
    await using world = await World.open();
    const folder = await mkdtemp(join(tmpdir(), "it's a $HOME [x] "));
    try {
      const file = join(folder, '$key [1].pem');
      await writeFile(file, `${CERTIFICATE}${PRIVATE_KEY}`);
      world.bench.provider.register(CONTOSO.id, { ...SECRET_APPLICATION, certificates: [CERTIFICATE] });
      const session = await world.connectApplication({ clientSecret: undefined, certificateFilePath: file });
      expect(session.details).toMatchObject({ certificateAuthentication: true, signIn: 'certificate' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('with the managed identity of a machine needs no application', async () => {
    await using world = await World.open({ variables: { SLIPLINE_CLIENT_ID: undefined } });
    await using service = await FakeMetadataService.start({ provider: world.bench.provider });
    world.bench.variables['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = service.origin;
    const values = { managedIdentity: true, managedIdentityAccountId: ASSIGNED, organization: ORGANIZATION };
    const session = await world.connect({ device: undefined, ...values });
    expect(session).toMatchObject({
      effects: ['forget'],
      details: { signIn: 'managed-identity', appId: ASSIGNED },
    });
  });

  it('with the token of a job acts as the application that trusts it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipline-'));
    try {
      const file = join(folder, 'token');
      const variables = { AZURE_FEDERATED_TOKEN_FILE: file };
      await using world = await World.open({ variables });
      const { workload } = world.bench.provider;
      const application = { ...SECRET_APPLICATION, federatedCredentials: [workload.credential] };
      world.bench.provider.register(CONTOSO.id, application);
      await writeFile(file, workload.assertion());
      const session = await world.connectApplication({ clientSecret: undefined, federated: true });
      expect(session.details['signIn']).toBe('federated');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('with a given token goes as long as that', async () => {
    await using world = await World.open();
    const token = world.bench.provider.issueForApplication(
      CONTOSO.id,
      SECRET_APPLICATION,
      `https://${EXCHANGE_HOSTS.exchange}/.default`,
    );
    const values = { device: undefined, accessToken: new Secret(token), organization: ORGANIZATION };
    const session = await world.connect(values);
    expect(session).toMatchObject({
      effects: ['forget'],
      details: { tenantID: CONTOSO.id, appId: SECRET_APPLICATION.clientId },
    });
    expect(session.expiresAt).toBe(session.details['tokenExpiryTimeUTC']);
    world.advance(2 * 3_600_000);
    expect(await world.list(true)).toMatchObject([{ state: 'expired', details: { tokenStatus: 'Expired' } }]);
  });

  it('with a given token of a person is that person’s', async () => {
    await using world = await World.open();
    const { environment } = await world.slipline.access(await world.connect());
    const session = await world.connect({
      device: undefined,
      accessToken: environment['EXCHANGE_ONLINE_ACCESS_TOKEN'],
      organization: ORGANIZATION,
    });
    expect(session).toMatchObject({ principal: 'ada@contoso.onmicrosoft.com', effects: ['forget'] });
    expect(world.bench.exchange.connection(session.id)?.anchors).toEqual(['UPN:ada@contoso.onmicrosoft.com']);
  });

  it('to Security & Compliance is one of another kind', async () => {
    await using world = await World.open();
    const session = await world.connect({ kind: 'ipps' });
    expect(session).toMatchObject({
      endpoint: EXCHANGE_HOSTS.compliance,
      details: { name: 'ExchangeOnlineProtection_1', isEopSession: true },
    });
    expect(session.label).toMatch('Security & Compliance');
  });

  it('for a customer signs in to the tenant of the customer', async () => {
    await using world = await World.open();
    const session = await world.connect({ delegatedOrganization: ORGANIZATION });
    expect(session.details).toMatchObject({
      delegatedOrganization: ORGANIZATION,
      azureAdAuthorizationEndpointUri: `${world.bench.provider.origin}/${ORGANIZATION}`,
    });
    expect(world.bench.provider.requests.at(-1)?.path).toBe(`/${CONTOSO.id}/oauth2/v2.0/token`);
  });

  it('that the service refuses leaves nothing behind', async () => {
    await using world = await World.open();
    world.bench.exchange.inject(exchangeFaults.unauthorized());
    expect((await errorOf(world.connect())).code).toBe('unauthenticated');
    expect(await world.entries()).toEqual([]);
  });

  it('goes to addresses instead of an environment, and tells no other host the token', async () => {
    await using world = await World.open();
    const session = await world.connect({
      exchangeEnvironmentName: undefined,
      connectionUri: `https://${EXCHANGE_HOSTS.exchangeRegion}/PowerShell-LiveID`,
      azureADAuthorizationEndpointUri: `${world.bench.provider.origin}/${CONTOSO.id}`,
    });
    expect(session).toMatchObject({
      endpoint: EXCHANGE_HOSTS.exchangeRegion,
      details: { environment: 'Global', connectionUri: `https://${EXCHANGE_HOSTS.exchangeRegion}` },
    });
  });

  it('numbers connections by the smallest number that is free', async () => {
    await using world = await World.open();
    const [one] = [await world.connect(), await world.connect()];
    await world.disconnect({ connectionId: [one.id] });
    expect((await world.connect()).details).toMatchObject({ id: 1, name: 'ExchangeOnline_1' });
  });
});

describe('an application (client) ID', () => {
  it('is that of the call, of the options, or of the variable', async () => {
    const { clientId } = SECRET_APPLICATION;
    await using byVariable = await World.open({ variables: { SLIPLINE_CLIENT_ID: clientId } });
    expect((await byVariable.connectApplication({ clientId: undefined })).details['appId']).toBe(clientId);
    await using byOption = await World.open({ plugin: { clientId } });
    expect((await byOption.connectApplication({ clientId: undefined })).details['appId']).toBe(clientId);
    // The variable of this world names an application that signs in people.
    await using byCall = await World.open();
    expect((await byCall.connectApplication()).details['appId']).toBe(clientId);
  });

  it('that is missing is told how to be had', async () => {
    await using world = await World.open({ variables: { SLIPLINE_CLIENT_ID: undefined } });
    const error = await errorOf(world.connect());
    expect(error.code).toBe('invalid-request');
    for (const word of [
      'Entra admin center',
      'AdminApi.AccessAsUser.All',
      'Exchange.ManageAsApp',
      '--client-id',
      'SLIPLINE_CLIENT_ID',
    ])
      expect(error.next).toContain(word);
    expect(world.bench.requests?.()).toBe(0);
  });

  it("that is Microsoft's own is refused", async () => {
    await using world = await World.open();
    const error = await errorOf(world.connect({ clientId: 'fb78d390-0c51-40cd-8e17-fdbfab77341b' }));
    expect(error).toMatchObject({ code: 'invalid-request', details: { identityCode: 'client-id-reserved' } });
    expect(world.bench.requests?.()).toBe(0);
  });
});
