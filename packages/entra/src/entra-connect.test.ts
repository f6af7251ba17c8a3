import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordOf, Secret } from '@slipline/core';
import {
  CONTOSO,
  FABRIKAM,
  FakeMetadataService,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
} from '@slipline/microsoft-identity/testing';
import { CERTIFICATE, PRIVATE_KEY } from './certificates.test.support.ts';
import { RECORD } from './plugin.ts';
import { failureOf, World } from './testing/world.test.support.ts';

const ADA = 'ada@contoso.onmicrosoft.com';
const FAY = 'fay@fabrikam.onmicrosoft.com';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('signing in', () => {
  it('by device code opens a session that can be forgotten and revoked', async () => {
    await using world = await World.open();
    const session = await world.connect({ name: 'work' });
    expect(session).toMatchObject({
      provider: 'entra',
      endpoint: CONTOSO.id,
      id: '1',
      kind: 'sign-in',
      label: 'work: ada@contoso.onmicrosoft.com in contoso.onmicrosoft.com',
      principal: ADA,
      state: 'live',
      ownership: 'opened',
      effects: ['forget', 'revoke'],
      isDefault: true,
    });
    expect(session.expiresAt).toBeUndefined();
    expect(session.details['accessTokenExpiresAt']).toMatch(/Z$/);
    // The token was issued, and nothing was asked with it.
    expect(world.graph.requestCount).toBe(0);
  });

  it("makes the record of the cmdlet, in the cmdlet's order", async () => {
    await using world = await World.open();
    const record = recordOf(RECORD, await world.connect());
    expect(Object.keys(record).join()).toBe(
      'ClientId,TenantId,Scopes,AuthType,TokenCredentialType,CertificateThumbprint,CertificateSubjectName,Account,AppName,ContextScope,Certificate,PSHostVersion,ManagedIdentityId,ClientSecret,Environment',
    );
    expect(record).toEqual({
      ClientId: PUBLIC_APPLICATION.clientId,
      TenantId: CONTOSO.id,
      Scopes: PUBLIC_APPLICATION.scopes,
      AuthType: 'Delegated',
      TokenCredentialType: 'DeviceCode',
      CertificateThumbprint: null,
      CertificateSubjectName: null,
      Account: ADA,
      AppName: 'Slipline lab',
      ContextScope: 'CurrentUser',
      Certificate: null,
      PSHostVersion: process.versions.node,
      ManagedIdentityId: null,
      ClientSecret: null,
      Environment: 'Global',
    });
  });

  it('in the browser', async () => {
    await using world = await World.open();
    const { clientId, tenantId } = world.bench.connectValues();
    const session = await world.connectOnly({ clientId, tenantId });
    expect(session).toMatchObject({
      principal: ADA,
      effects: ['forget', 'revoke'],
      details: { tokenCredentialType: 'InteractiveBrowser' },
    });
  });

  it('is refused where a person is needed and there is nobody', async () => {
    await using world = await World.open({ notice: null });
    expect(await failureOf(world.connect())).toMatchObject({ code: 'unauthenticated' });
    expect(await world.ledger.entries()).toEqual([]);
  });

  it('as an application with its secret, which is shown nowhere', async () => {
    await using world = await World.open();
    const session = await world.connectApplication();
    expect(session).toMatchObject({ kind: 'application', effects: ['forget'] });
    expect(recordOf(RECORD, session)).toMatchObject({
      AuthType: 'AppOnly',
      TokenCredentialType: 'ClientSecret',
      ClientSecret: '[redacted]',
      Account: null,
      AppName: 'Slipline automation',
      Scopes: SECRET_APPLICATION.roles,
    });
    expect(JSON.stringify(session)).not.toContain('fake~client-secret');
  });

  it('as an application with a certificate, which is named', async () => {
    await using world = await World.open();
    world.provider.register(CONTOSO.id, { ...SECRET_APPLICATION, certificates: [CERTIFICATE] });
    const certificateFile = join(folder, 'app.pem');
    await writeFile(certificateFile, CERTIFICATE + PRIVATE_KEY);
    const session = await world.connectApplication({ clientSecret: undefined, certificateFile });
    const record = recordOf(RECORD, session);
    expect(record).toMatchObject({
      TokenCredentialType: 'ClientCertificate',
      CertificateSubjectName: null,
      Certificate: 'CN=Lab application',
      ClientSecret: null,
    });
    expect(record['CertificateThumbprint']).toMatch(/^[0-9A-F]{40}$/);
    // The file may go: what is needed of it is kept, sealed.
    await rm(certificateFile);
    world.provider.configure({ accessTokenLifetime: 60 });
    expect(world.provider.introspect(await world.token(session))).toMatchObject({ isExpired: false });
  });

  it('as the identity of the machine', async () => {
    await using world = await World.open();
    await using service = await FakeMetadataService.start({ provider: world.provider });
    const { identityEndpoint, identityHeader } = service;
    const variables = { IDENTITY_ENDPOINT: identityEndpoint, IDENTITY_HEADER: identityHeader };
    const onAzure = world.process({ variables });
    const [, assigned] = CONTOSO.managedIdentities;
    const { session } = await onAzure.connect('entra', { identity: true, clientId: assigned?.clientId });
    expect(recordOf(RECORD, session)).toMatchObject({
      AuthType: 'ManagedIdentity',
      TokenCredentialType: 'ManagedIdentity',
      ManagedIdentityId: assigned?.clientId,
      ClientId: null,
    });
    expect(session).toMatchObject({ effects: ['forget'], endpoint: CONTOSO.id });
    await onAzure[Symbol.asyncDispose]();
  });

  it('with the token of another identity system, from a file', async () => {
    await using world = await World.open();
    const { workload } = world.provider;
    const federatedCredentials = [workload.credential];
    world.provider.register(CONTOSO.id, { ...SECRET_APPLICATION, federatedCredentials });
    const federatedTokenFile = join(folder, 'token');
    await writeFile(federatedTokenFile, workload.assertion());
    const session = await world.connectApplication({ clientSecret: undefined, federatedTokenFile });
    expect(session.details).toMatchObject({ authType: 'AppOnly', tokenCredentialType: 'FederatedToken' });
  });

  it('with a token that is there already, for as long as it lasts', async () => {
    await using world = await World.open();
    const scope = `${world.graph.origin}/.default`;
    const token = world.provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, scope);
    const session = await world.connectOnly({ accessToken: new Secret(token) });
    expect(session).toMatchObject({ endpoint: CONTOSO.id, effects: ['forget'], ownership: 'opened' });
    expect(session.expiresAt).toBe(session.details['accessTokenExpiresAt']);
    expect(recordOf(RECORD, session)).toMatchObject({ AuthType: 'UserProvidedAccessToken' });
    expect(world.requestCount).toBe(0);
    expect(await world.token(session)).toBe(token);
  });

  it('as the variables of a job say', async () => {
    const variables = {
      AZURE_CLIENT_ID: SECRET_APPLICATION.clientId,
      AZURE_TENANT_ID: CONTOSO.id,
      AZURE_CLIENT_SECRET: 'fake~client-secret',
    };
    await using world = await World.open({ variables });
    const session = await world.connectOnly({ environmentVariable: true });
    expect(recordOf(RECORD, session)).toMatchObject({
      AuthType: 'EnvironmentVariable',
      TokenCredentialType: 'EnvironmentVariable',
      ClientId: SECRET_APPLICATION.clientId,
    });
  });
});

describe('the application', () => {
  it('is the one given, else that of the options, else that of SLIPLINE_CLIENT_ID', async () => {
    await using world = await World.open();
    const { tenantId } = world.bench.connectValues();
    const values = { tenantId, useDeviceCode: true };
    expect((await world.connectOnly(values)).details['clientId']).toBe(PUBLIC_APPLICATION.clientId);
    const other = '00000000-0000-4000-8000-00000000000a';
    world.provider.register(CONTOSO.id, { ...PUBLIC_APPLICATION, clientId: other });
    const composed = world.process({ entra: { clientId: other } });
    expect((await composed.connect('entra', values)).session.details['clientId']).toBe(other);
    const { clientId } = PUBLIC_APPLICATION;
    expect((await composed.connect('entra', { ...values, clientId })).session.details['clientId']).toBe(
      clientId,
    );
    await composed[Symbol.asyncDispose]();
  });

  it('has to be registered by whoever has none, and is told how', async () => {
    await using world = await World.open({ variables: { SLIPLINE_CLIENT_ID: undefined } });
    expect(await failureOf(world.connectOnly({ useDeviceCode: true }))).toMatchObject({
      code: 'invalid-request',
      message: 'no application (client) ID is given',
      next: expect.stringMatching(
        /New registration.*http:\/\/localhost.*User\.RevokeSessions\.All.*SLIPLINE_CLIENT_ID/,
      ),
    });
    expect(world.requestCount).toBe(0);
  });

  it("is none of Microsoft's own", async () => {
    await using world = await World.open();
    const clientId = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
    expect(await failureOf(world.connect({ clientId }))).toMatchObject({
      code: 'invalid-request',
      details: { identityCode: 'client-id-reserved' },
    });
    expect(world.requestCount).toBe(0);
  });
});

describe('what is asked for', () => {
  it('are the permissions that are named', async () => {
    await using world = await World.open();
    const session = await world.connect({
      scopes: ['User.Read', `${world.graph.origin}/User.RevokeSessions.All`],
    });
    expect(session.details['scopes']).toEqual(['User.Read', 'User.RevokeSessions.All']);
  });

  it('is for Graph and nothing else', async () => {
    await using world = await World.open();
    const scopes = ['https://outlook.office365.com/.default'];
    expect(await failureOf(world.connect({ scopes }))).toMatchObject({ code: 'invalid-request' });
    expect(world.requestCount).toBe(0);
  });

  it('may take as long as it was given for one request', async () => {
    await using world = await World.open();
    expect((await world.connect({ clientTimeout: 7 })).details['requestTimeout']).toBe(7000);
  });
});

describe('where to sign in', () => {
  it('may be an environment of ones own, from the options', async () => {
    await using world = await World.open();
    const { provider, graph } = world;
    const environments = [{ name: 'lab', login: provider.origin, graph: graph.origin }];
    const composed = world.process({ entra: { environments } });
    const { session } = await composed.connect('entra', {
      ...world.bench.connectValues(),
      environment: 'LAB',
    });
    expect(session.details['environment']).toBe('lab');
    // Another process, which has no such option, goes on with what is kept.
    provider.configure({ accessTokenLifetime: 60 });
    expect(provider.introspect(await world.token(session))?.userName).toBe(ADA);
    await composed[Symbol.asyncDispose]();
  });

  it('is told apart by name, and an unknown one leads nowhere', async () => {
    await using world = await World.open();
    expect(await failureOf(world.connect({ environment: 'Mars' }))).toMatchObject({
      code: 'invalid-request',
      next: expect.stringContaining('choose one of Global, USGov'),
    });
    const broken = world.process({ variables: { SLIPLINE_ENTRA_ENVIRONMENTS: '[{' } });
    expect(await failureOf(broken.connect('entra', world.bench.connectValues()))).toMatchObject({
      code: 'invalid-request',
    });
    await broken[Symbol.asyncDispose]();
  });

  it('may be another tenant, beside the first one', async () => {
    await using world = await World.open();
    const contoso = await world.connect();
    const fabrikam = await world.connect({ tenantId: FABRIKAM.id }, FAY);
    expect([contoso.endpoint, fabrikam.endpoint]).toEqual([CONTOSO.id, FABRIKAM.id]);
    expect(world.provider.introspect(await world.token(contoso))?.tenantId).toBe(CONTOSO.id);
    expect(world.provider.introspect(await world.token(fabrikam))?.tenantId).toBe(FABRIKAM.id);
  });

  it('is the tenant of the person where none is named', async () => {
    await using world = await World.open();
    expect((await world.connect({ tenantId: undefined }, FAY)).endpoint).toBe(FABRIKAM.id);
  });
});

describe('names and scopes of sessions', () => {
  it('are unique', async () => {
    await using world = await World.open();
    await world.connect({ name: 'work' });
    expect(await failureOf(world.connect({ name: 'WORK' }))).toMatchObject({
      code: 'invalid-request',
      message: 'there is a session called "WORK" already',
    });
    await world.connect({ name: 'home' });
    expect(await world.numbers({ name: ['Work'] })).toEqual(['1']);
    expect(await world.numbers({ name: ['home', '1'] })).toEqual(['2', '1']);
    expect(await world.numbers({ name: [ADA] })).toEqual(['1', '2']);
  });

  it.each(['7', '', ' x', 'a\u001Bb', 'x'.repeat(65)])('cannot be %j', async (name) => {
    await using world = await World.open();
    expect(await failureOf(world.connect({ name }))).toMatchObject({ code: 'invalid-request' });
  });

  it.each([
    ['process', 'Process', 'process'],
    ['Process', 'Process', 'process'],
    ['current-user', 'CurrentUser', 'user'],
    ['CurrentUser', 'CurrentUser', 'user'],
    [undefined, 'CurrentUser', 'user'],
  ])('of %s is %s, and the ledger keeps it for the %s', async (contextScope, shown, scope) => {
    await using world = await World.open();
    const { details } = await world.connectApplication({ contextScope });
    expect(details['contextScope']).toBe(shown);
    expect(await world.ledger.entries({ ofOthers: true })).toMatchObject([{ scope, state: 'open' }]);
  });
});
