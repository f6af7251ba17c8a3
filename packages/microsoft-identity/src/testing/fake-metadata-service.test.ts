import { describe, expect, it } from '@jest/globals';
import { CONTOSO, FakeMetadataService } from './index.ts';
import { start } from './wire.test.support.ts';

const RESOURCE = 'https://graph.microsoft.com';
const [SYSTEM, USER] = CONTOSO.managedIdentities;

async function bench() {
  const provider = await start();
  const service = await FakeMetadataService.start({ provider });
  const ask = async (url: string, query: Record<string, string>, headers: Record<string, string>) => {
    const reply = await fetch(`${url}?${new URLSearchParams(query).toString()}`, { headers });
    return { status: reply.status, json: (await reply.json()) as Record<string, string> };
  };
  const imds = (query: Record<string, string> = {}, headers: Record<string, string> = { metadata: 'true' }) =>
    ask(service.imdsUrl, { 'api-version': '2018-02-01', resource: RESOURCE, ...query }, headers);
  const appService = (query: Record<string, string> = {}, header = service.identityHeader) =>
    ask(
      service.identityEndpoint,
      { 'api-version': '2019-08-01', resource: RESOURCE, ...query },
      { 'x-identity-header': header },
    );
  return {
    provider,
    imds,
    appService,
    [Symbol.asyncDispose]: async () => {
      await service.stop();
      await provider.stop();
    },
  };
}

describe('the instance metadata service', () => {
  it.each([
    ['the system-assigned identity when none is named', {}, SYSTEM],
    ['the identity of a client id', { client_id: USER?.clientId ?? '' }, USER],
    ['the identity of an object id', { object_id: USER?.objectId ?? '' }, USER],
    ['the identity of a resource id', { msi_res_id: USER?.resourceId ?? '' }, USER],
  ])('gives %s', async (_what, query, identity) => {
    await using lab = await bench();
    const { status, json } = await lab.imds(query);
    expect([status, json['resource'], json['expires_in']]).toEqual([200, RESOURCE, '3600']);
    expect(lab.provider.introspect(json['access_token'] ?? '')).toMatchObject({
      clientId: identity?.clientId,
      objectId: identity?.objectId,
      tenantId: CONTOSO.id,
      audience: RESOURCE,
      roles: identity?.roles,
    });
  });

  it('refuses requests without its header, through a proxy, of an old version, and for strangers', async () => {
    await using lab = await bench();
    const replies = [
      await lab.imds({}, {}),
      await lab.imds({}, { metadata: 'true', 'x-forwarded-for': '192.0.2.1' }),
      await lab.imds({ 'api-version': '2017-01-01' }),
      await lab.imds({ client_id: 'ffffffff-0000-4000-8000-000000000000' }),
      await lab.imds({ resource: '' }),
    ];
    expect(replies.map(({ status, json }) => [status, json['error']])).toEqual([
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [400, 'invalid_resource'],
    ]);
  });
});

describe("App Service's endpoint", () => {
  it('gives tokens that say when they end, and not after how long', async () => {
    await using lab = await bench();
    const { json } = await lab.appService({ client_id: USER?.clientId ?? '' });
    expect(lab.provider.introspect(json['access_token'] ?? '')?.clientId).toBe(USER?.clientId);
    expect('expires_in' in json).toBe(false);
    expect(Number(json['expires_on'])).toBeGreaterThan(Date.now() / 1000 + 3500);
  });

  it('refuses a wrong header', async () => {
    await using lab = await bench();
    expect((await lab.appService({}, 'wrong')).status).toBe(401);
  });
});
