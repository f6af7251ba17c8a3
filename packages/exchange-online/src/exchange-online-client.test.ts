import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DisconnectError, Secret } from '@slipline/core';
import { CONTOSO, FABRIKAM, faults } from '@slipline/microsoft-identity/testing';
import {
  ClientStage,
  COMPLIANCE,
  failureOf,
  FOREIGN,
  noSignal,
  ORIGIN,
} from './testing/client-stage.test.support.ts';
import { EXCHANGE_HOSTS, exchangeFaults } from './testing/index.ts';

let stage: ClientStage;
beforeEach(async () => {
  stage = await ClientStage.open();
});
afterEach(() => stage[Symbol.asyncDispose]());

const GET = { name: 'Get-Mailbox' };
const run = (cmdlet = GET, change = {}) => stage.client(change).run(cmdlet, noSignal);
const refused = async (pending: Promise<unknown>): Promise<DisconnectError> => {
  const error = await failureOf(pending);
  if (!DisconnectError.is(error)) throw error;
  return error;
};

describe('a cmdlet', () => {
  it('gives its objects', async () => {
    const { objects } = await run({ name: 'Get-Mailbox', parameters: { Identity: 'ada' } } as typeof GET);
    expect(objects).toMatchObject([{ Alias: 'ada', DisplayName: 'ada' }]);
  });

  it('changes what it is to change, and gives its warnings', async () => {
    const parameters = { Identity: 'ben', DisplayName: 'Benjamin' };
    const { warnings } = await stage.client().run({ name: 'Set-Mailbox', parameters }, noSignal);
    expect(stage.exchange.mailbox(CONTOSO.id, 'ben')?.displayName).toBe('Benjamin');
    expect(warnings).toEqual(['The command completed, it may take minutes to show.']);
  });

  it('says what it would do, and does not do it', async () => {
    const parameters = { Identity: 'ben', DisplayName: 'Benjamin', WhatIf: true };
    const { confirmation } = await stage.client().run({ name: 'Set-Mailbox', parameters }, noSignal);
    expect(confirmation).toBe('Setting mailbox "ben".');
    expect(stage.exchange.mailbox(CONTOSO.id, 'ben')?.displayName).toBe('ben');
  });

  it('runs at the documented endpoint', async () => {
    const cmdlet = { name: 'Get-OrganizationConfig', endpoint: 'OrganizationConfig' };
    const { objects } = await stage.client().run(cmdlet, noSignal);
    expect(objects).toEqual([{ Name: 'contoso.onmicrosoft.com', Identity: 'contoso.onmicrosoft.com' }]);
    expect(stage.exchange.requests[0]?.path).toBe(`/adminapi/v2.0/${CONTOSO.id}/OrganizationConfig`);
  });

  it('runs at Security & Compliance', async () => {
    const { objects } = await stage
      .client({ origin: COMPLIANCE })
      .run({ name: 'Get-ComplianceCase' }, noSignal);
    expect(objects).toEqual([{ Name: 'Case 1', Status: 'Active' }]);
  });

  it('is sent as the service wants it, with one connection id and a new request id each time', async () => {
    const client = stage.client({ connectionId: '1a9e45e8-e7ec-498f-9ac3-0504e987fa85' });
    await client.run(GET, noSignal);
    await client.ping(noSignal);
    const seen = stage.exchange.connection('1a9e45e8-e7ec-498f-9ac3-0504e987fa85');
    expect(new Set(seen?.requestIds).size).toBe(2);
    expect(new Set(seen?.anchors).size).toBe(1);
    expect(JSON.parse(stage.exchange.requests[0]?.body ?? '')).toEqual({
      CmdletInput: { CmdletName: 'Get-Mailbox', Parameters: {} },
    });
  });

  it('that has no possible name is not sent', async () => {
    await expect(run({ name: "Get-Mailbox'); --" })).rejects.toThrow(TypeError);
    await expect(stage.client().run({ name: 'Get-X', endpoint: '../x' }, noSignal)).rejects.toThrow(
      TypeError,
    );
    expect(stage.exchange.requestCount).toBe(0);
  });
});

describe('pages', () => {
  it('are fetched by POST of the same body, in the size that was asked for', async () => {
    const { objects } = await run(GET, { pageSize: 2 });
    expect(objects.map(({ Alias }) => Alias)).toEqual(['ada', 'ben', 'cleo', 'dan', 'eve']);
    expect(stage.exchange.requests.map(({ method, query }) => [method, query.get('$skiptoken')])).toEqual([
      ['POST', null],
      ['POST', '2'],
      ['POST', '4'],
    ]);
    expect(new Set(stage.exchange.requests.map(({ body }) => body)).size).toBe(1);
  });

  it('are fetched when they are wanted', async () => {
    for await (const page of stage.client({ pageSize: 2 }).pages(GET, noSignal)) {
      expect(page.objects).toHaveLength(2);
      break;
    }
    expect(stage.exchange.requestCount).toBe(1);
  });

  it.each([
    `https://${FOREIGN}/adminapi/beta/x/InvokeCommand?$skiptoken=1`,
    `https://${EXCHANGE_HOSTS.exchange}@${FOREIGN}/adminapi/beta/x`,
    `https://${EXCHANGE_HOSTS.exchange}.${FOREIGN}/adminapi/beta/x`,
    `http://${EXCHANGE_HOSTS.exchange}/adminapi/beta/x`,
    `https://${EXCHANGE_HOSTS.exchange}/elsewhere`,
    'data:/adminapi/x',
    '//',
    5,
  ])('that lie at %p are not fetched', async (link) => {
    stage.exchange.inject(exchangeFaults.nextLink(link));
    const error = await refused(run());
    expect(error.code).toBe('protocol');
    expect([stage.foreign.log.total, stage.exchange.requestCount]).toEqual([0, 1]);
  });

  it('that lead to themselves end', async () => {
    const link = `${ORIGIN}/adminapi/beta/${CONTOSO.id}/InvokeCommand?$skiptoken=1`;
    stage.exchange.inject(exchangeFaults.nextLink(link));
    expect((await refused(run())).message).toMatch('no end');
    expect(stage.exchange.requestCount).toBe(2);
  });
});

describe('throttling', () => {
  it('is waited for as long as the service says', async () => {
    stage.exchange.inject(exchangeFaults.throttled(7), { times: 1 });
    expect((await run()).objects).toHaveLength(5);
    expect(stage.slept).toEqual([7000]);
  });

  it('is waited for longer and longer where the service does not say, and not for ever', async () => {
    stage.exchange.inject(exchangeFaults.throttled());
    const error = await refused(run());
    expect([error.code, error.details?.['status']]).toEqual(['quota', 429]);
    expect(stage.slept).toEqual([2000, 4000, 8000]);
  });

  it('is not waited for when it takes too long', async () => {
    stage.exchange.inject(exchangeFaults.throttled(3600));
    expect((await refused(run())).code).toBe('quota');
    expect(stage.slept).toEqual([]);
  });

  it.each([500, 502, 503, 504])('by a fault %p is tried again', async (status) => {
    stage.exchange.inject(exchangeFaults.status(status), { times: 2 });
    expect((await run()).objects).toHaveLength(5);
  });

  it('does not repeat what may have been carried out', async () => {
    stage.exchange.inject(exchangeFaults.status(500), { times: 1 });
    const error = await refused(stage.client().run({ name: 'Set-Mailbox' }, noSignal));
    expect([error.code, error.mayHaveTakenEffect]).toEqual(['unreachable', true]);
    expect(stage.exchange.requestCount).toBe(1);
  });
});

describe('a token', () => {
  it('is renewed once when the service challenges it', async () => {
    stage.exchange.inject(exchangeFaults.challenged(), { times: 1 });
    expect((await run()).objects).toHaveLength(5);
    expect(stage.asked).toEqual([undefined, expect.stringContaining('"nbf"')]);
  });

  it('is not renewed a second time', async () => {
    stage.exchange.inject(exchangeFaults.challenged());
    expect((await refused(run())).code).toBe('unauthenticated');
    expect([stage.exchange.requestCount, stage.asked.length]).toEqual([2, 2]);
  });

  it('is not renewed where it is refused without a challenge', async () => {
    stage.exchange.inject(exchangeFaults.unauthorized());
    expect((await refused(run())).code).toBe('unauthenticated');
    expect(stage.exchange.requestCount).toBe(1);
  });

  it('of another tenant or for another service is refused', async () => {
    expect((await refused(run(GET, { tenantId: FABRIKAM.id }))).code).toBe('unauthenticated');
    const token = stage.token('https://graph.microsoft.com');
    expect((await refused(run(GET, { token: async () => new Secret(token) }))).code).toBe('unauthenticated');
  });
});

describe('a region', () => {
  it('is followed, and asked from then on', async () => {
    const { exchange, exchangeRegion } = EXCHANGE_HOSTS;
    stage.exchange.configure({ redirects: { [exchange]: `https://${exchangeRegion}/adminapi/beta/x` } });
    const client = stage.client();
    expect((await client.run(GET, noSignal)).objects).toHaveLength(5);
    await client.ping(noSignal);
    expect(stage.exchange.requests.map(({ headers }) => headers.host)).toEqual([
      exchange,
      exchangeRegion,
      exchangeRegion,
    ]);
  });

  it('behind port 446 is found at 443', async () => {
    const { compliance, complianceDoor, complianceRegion } = EXCHANGE_HOSTS;
    stage.exchange.configure({ redirects: { [compliance]: `https://${complianceDoor}:446/powershell` } });
    const client = stage.client({ origin: COMPLIANCE });
    expect((await client.run({ name: 'Get-ComplianceCase' }, noSignal)).objects).toHaveLength(1);
    expect(stage.exchange.requests.map(({ headers }) => headers.host)).toEqual([
      compliance,
      complianceRegion,
    ]);
  });

  it('is given the cookies it has set, and no other is', async () => {
    const { exchange, exchangeRegion } = EXCHANGE_HOSTS;
    stage.exchange.inject(exchangeFaults.redirectTo(`https://${exchangeRegion}/`), { times: 2 });
    await run();
    expect(stage.exchange.requests.map(({ headers }) => [headers.host, headers.cookie])).toEqual([
      [exchange, undefined],
      [exchangeRegion, undefined],
      [exchangeRegion, 'exchangecookie=affinity'],
    ]);
  });

  it.each([
    `https://${FOREIGN}/`,
    `https://${FOREIGN}:446/`,
    `https://${EXCHANGE_HOSTS.exchange}.${FOREIGN}/`,
    `http://${EXCHANGE_HOSTS.exchangeRegion}/`,
    `https://${EXCHANGE_HOSTS.exchangeRegion}:8443/`,
    'https://',
  ])('at %p is not followed', async (location) => {
    stage.exchange.inject(exchangeFaults.redirectTo(location));
    const isOwnHost = (address: string) =>
      new URL(address).port === '' && new URL(address).host.endsWith('.lab.example');
    expect((await refused(run(GET, { isOwnHost }))).code).toBe('protocol');
    expect([stage.foreign.log.total, stage.exchange.requestCount]).toEqual([0, 1]);
  });

  it('that leads back and forth ends', async () => {
    const { exchange, exchangeRegion } = EXCHANGE_HOSTS;
    stage.exchange.configure({
      redirects: { [exchange]: `https://${exchangeRegion}/`, [exchangeRegion]: `https://${exchange}/` },
    });
    expect((await refused(run())).message).toMatch('without end');
    expect(stage.exchange.requestCount).toBe(4);
  });
});

describe('a refusal', () => {
  it('whose body is not packed as it says is one all the same', async () => {
    const error = await refused(run({ name: 'Get-Unknown' }));
    expect([error.code, error.details?.['status']]).toEqual(['forbidden', 403]);
    expect(error.message).toMatch('Get-Unknown');
  });

  it('of Security & Compliance says why', async () => {
    const pending = stage.client({ origin: COMPLIANCE }).run({ name: 'Get-Unknown' }, noSignal);
    expect(await refused(pending)).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('role'),
    });
  });

  it.each([
    ['the detail', { message: 'M', detail: '|Some.Exception|D', exception: 'E' }, 'D'],
    ['the exception', { message: 'M', exception: 'E' }, 'E'],
    ['the message', { message: 'M' }, 'M'],
  ])('gives %s where there is one', async (_name, places, said) => {
    stage.exchange.inject(exchangeFaults.error(400, 'BadRequest', places));
    const error = await refused(run());
    expect(error.code).toBe('invalid-request');
    expect(error.message.endsWith(`: ${said}`)).toBe(true);
  });

  it('that says nothing is told by its status, and carries the id that support asks for', async () => {
    stage.exchange.inject(exchangeFaults.error(404, 'NotFound', {}));
    const error = await refused(run());
    expect(error).toMatchObject({ code: 'not-found', details: { status: 404, errorCode: 'NotFound' } });
    expect(error.details?.['requestId']).toBe(stage.exchange.requests[0]?.headers['client-request-id']);
  });

  it('of parameters names the one', async () => {
    const error = await refused(stage.client().run({ ...GET, parameters: { Nonsense: 1 } }, noSignal));
    expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('Nonsense') });
  });
});

describe('an answer', () => {
  it.each([
    ['that is a page of a web site', faults.html()],
    ['that is not JSON', faults.notJson()],
    ['that is a list', faults.array()],
    ['that is empty', faults.empty()],
    ['that is as deep as an abyss', faults.deepJson()],
    ['that is larger than anything', faults.hugeBody(20_000_000)],
    ['that is not packed as it says', exchangeFaults.falselyPackedSuccess()],
    ['that has no objects', exchangeFaults.page({ value: 'none' })],
  ])('%s makes no sense', async (_name, fault) => {
    stage.exchange.inject(fault);
    expect((await refused(run())).code).toBe('protocol');
  });

  it('that never comes is waited for a bounded time', async () => {
    const hang = stage.exchange.inject(faults.hang());
    expect((await refused(run(GET, { requestTimeout: 100 }))).code).toBe('timeout');
    hang.release();
  });

  it('that breaks off is a connection that failed', async () => {
    stage.exchange.inject(faults.reset());
    expect(await refused(run())).toMatchObject({ code: 'unreachable', mayHaveTakenEffect: true });
  });

  it('never shows a token, nor commands a terminal', async () => {
    stage.exchange.inject(faults.echo());
    const token = stage.token();
    const error = await refused(run(GET, { token: async () => new Secret(token) }));
    expect(JSON.stringify([error, error.message, error.details])).not.toContain(token);
    stage.exchange.removeFaults();
    stage.exchange.inject(exchangeFaults.page({ '@adminapi.warnings': ['a\u001b[31mred\u202e'] }));
    expect((await run()).warnings).toEqual(['ared']);
  });
});

describe('the question whether the service runs', () => {
  it('is answered by its state', async () => {
    await stage.client().ping(noSignal);
    expect(stage.exchange.requests[0]).toMatchObject({
      method: 'GET',
      path: `/adminapi/beta/${CONTOSO.id}/basicinfo('AdminApiState')`,
    });
  });

  it.each([
    ['another state', exchangeFaults.state('Stopped'), 'protocol', 'Stopped'],
    ['a refused token', exchangeFaults.unauthorized(), 'unauthenticated', 'token'],
    ['a web page', faults.html(), 'protocol', 'not a JSON object'],
    ['an answer to something else', exchangeFaults.page({}), 'protocol', 'does not say'],
    ['nobody of this kind', exchangeFaults.status(404), 'protocol', 'does not answer as'],
  ])('fails with %s', async (_name, fault, code, message) => {
    stage.exchange.inject(fault);
    expect(await refused(stage.client().ping(noSignal))).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
