import { createHash } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAuthority, type Authority } from '@slipline/testkit';
import { FakeWinrm } from './fake-winrm.ts';
import { MUTUAL, RESOURCES } from './namespaces.ts';
import {
  ADMINISTRATOR,
  ask,
  basic,
  envelope,
  http,
  IN_THE_CLEAR,
  PERSON,
  readAnswer,
  textsOf,
  type HttpRequest,
  type Wanted,
} from './raw-client.test.support.ts';

const IDENTIFY = envelope({ body: '<wsmid:Identify/>' });
const SOAP = { 'content-type': 'application/soap+xml;charset=UTF-8' };

let authority: Authority;
let winrm: FakeWinrm;
beforeAll(async () => {
  authority = await createAuthority();
});
beforeEach(async () => {
  winrm = await FakeWinrm.start({
    ...IN_THE_CLEAR,
    certificate: await authority.issue({ commonName: 'server01', names: ['127.0.0.1'] }),
    clientAuthority: authority.certificate,
  });
});
afterEach(() => winrm.stop());

const send = (change: Partial<HttpRequest> = {}) =>
  http({
    url: winrm.httpUrl,
    body: IDENTIFY,
    ...change,
    headers: { ...SOAP, authorization: basic(ADMINISTRATOR), ...change.headers },
  });

describe('who is let in', () => {
  it('offers what it speaks', async () => {
    const answer = await http({ url: winrm.httpUrl, body: IDENTIFY, headers: SOAP });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Negotiate, Basic realm="WSMAN"' },
    });
    expect(answer.body).toHaveLength(0);
    winrm.configure({ authentication: { basic: false, kerberos: true } });
    expect((await send()).headers['www-authenticate']).toBe('Negotiate, Kerberos');
    winrm.configure({ advertised: ['Bearer', 'Digest realm="x"'] });
    expect((await send()).headers['www-authenticate']).toBe('Bearer, Digest realm="x"');
    winrm.configure({ advertised: [] });
    expect((await send()).headers['www-authenticate']).toBeUndefined();
  });

  it.each([
    ['the right password', { ...ADMINISTRATOR }, 200],
    ['the name with its domain', { ...ADMINISTRATOR, userName: 'corp\\administrator' }, 200],
    ['a wrong password', { ...ADMINISTRATOR, password: 'wrong' }, 401],
    ['an unknown user', { ...ADMINISTRATOR, userName: 'nobody' }, 401],
  ])('lets in by Basic with %s or not', async (_, user, status) => {
    expect((await send({ headers: { authorization: basic(user) } })).status).toBe(status);
    expect(winrm.requests[0]?.refusal).toBe(status === 200 ? undefined : 'logonFailure');
  });

  it('takes a digest once, and never for another path', async () => {
    winrm.configure({ authentication: { basic: false, digest: true } });
    const offered = (await send()).headers['www-authenticate'] ?? '';
    expect(offered).toMatch(/Digest realm="WSMAN", qop="auth", algorithm=SHA-256, nonce="[^"]+"/);
    const nonce = /nonce="([^"]+)"/.exec(offered)?.[1] ?? '';
    const hash = (text: string) => createHash('md5').update(text).digest('hex');
    const outcome = async (count: string, path = '/wsman', password = ADMINISTRATOR.password) => {
      const proof = [
        hash(`Administrator:WSMAN:${password}`),
        nonce,
        count,
        'c',
        'auth',
        hash(`POST:${path}`),
      ];
      const authorization =
        `Digest username="Administrator", realm="WSMAN", nonce="${nonce}", uri="${path}", ` +
        `qop=auth, nc=${count}, cnonce="c", response="${hash(proof.join(':'))}"`;
      return (await send({ headers: { authorization } })).status;
    };
    expect(await outcome('00000001')).toBe(200);
    expect(await outcome('00000001')).toBe(401);
    expect(await outcome('00000003', '/other')).toBe(401);
    expect(await outcome('00000003', undefined, 'wrong')).toBe(401);
    expect(await outcome('00000003')).toBe(200);
  });

  it('knows accounts that may not sign in, and users that may not use it', async () => {
    const users = [
      { ...ADMINISTRATOR, refusal: 'accountLockedOut' as const },
      { ...PERSON, isDenied: true },
    ];
    winrm.configure({ users });
    expect((await send()).status).toBe(401);
    expect(winrm.requests[0]?.refusal).toBe('accountLockedOut');
    const denied = await ask(
      winrm,
      { action: 'Get', resource: RESOURCES.shells, selectors: { ShellId: 'x' } },
      PERSON,
    );
    expect(denied.fault?.code).toBe(5);
  });

  it('lets in mapped certificates of the right authority only', async () => {
    winrm.configure({
      users: [{ ...PERSON, certificateNames: ['jdoe'] }],
      authentication: { certificate: true },
    });
    const outcome = async (name: string, from: Authority): Promise<number> => {
      const { certificate, privateKey } = await from.issue({ commonName: name, names: [] });
      const tls = { ca: authority.certificate, cert: certificate, key: privateKey };
      return (await send({ url: winrm.httpsUrl, tls, headers: { authorization: MUTUAL } })).status;
    };
    expect(await outcome('jdoe', authority)).toBe(200);
    expect(winrm.requests[0]).toMatchObject({
      user: 'CORP\\jdoe',
      scheme: 'certificate',
      transport: 'https',
    });
    expect(await outcome('somebody', authority)).toBe(401);
    expect(await outcome('jdoe', await createAuthority())).toBe(401);
    expect((await send({ headers: { authorization: MUTUAL } })).status).toBe(401);
  });
});

describe('Identify', () => {
  it('tells its version to those who are let in', async () => {
    const { body } = readAnswer(await send());
    expect(textsOf(body, 'ProductVersion')).toEqual(['OS: 10.0.20348 SP: 0.0 Stack: 3.0']);
    expect(textsOf(body, 'SecurityProfileName').length).toBeGreaterThan(0);
  });

  it('answers anybody who asks for no more, without the version', async () => {
    const open = { wsmanidentify: 'unauthenticated', ...SOAP };
    const { body } = readAnswer(await http({ url: winrm.httpUrl, body: IDENTIFY, headers: open }));
    expect(textsOf(body, 'ProductVersion')).toEqual(['OS: 0.0.0 SP: 0.0 Stack: 3.0']);
    const more = envelope({ action: 'Get', resource: RESOURCES.shells });
    expect((await http({ url: winrm.httpUrl, body: more, headers: open })).status).toBe(401);
  });
});

describe('what HTTP itself refuses', () => {
  it.each([
    ['another path', () => send({ url: winrm.httpUrl.replace('wsman', 'other') }), 404],
    ['another method', () => send({ method: 'PUT' }), 405],
    ['another type of content', () => send({ headers: { 'content-type': 'text/xml' } }), 415],
    ['a body beyond all measure', () => send({ body: 'x'.repeat(5 * 1024 * 1024) }), 413],
    [
      'a sealed body without a context',
      () => send({ headers: { 'content-type': 'multipart/encrypted;x=y' } }),
      400,
    ],
  ])('%s', async (_, request, status) => {
    expect((await request()).status).toBe(status);
  });

  it('what is said in the clear over HTTP, unless that is allowed', async () => {
    winrm.configure({ allowUnencrypted: false });
    const answer = await send();
    expect(answer).toMatchObject({ status: 500, body: Buffer.alloc(0) });
    const tls = { ca: authority.certificate };
    expect((await send({ url: winrm.httpsUrl, tls })).status).toBe(200);
  });

  it('takes UTF-16, and another path where that is set', async () => {
    winrm.configure({ applicationName: 'powershell' });
    const body = Buffer.from(`\ufeff${IDENTIFY}`, 'utf16le');
    const url = winrm.httpUrl.replace('wsman', 'PowerShell');
    const headers = { 'content-type': 'application/soap+xml;charset=UTF-16' };
    expect((await send({ url, body, headers })).status).toBe(200);
  });
});

describe('what SOAP refuses', () => {
  const GET: Wanted = { action: 'Get', resource: RESOURCES.config };

  it.each<[string, Wanted, number, string]>([
    [
      'an unknown action',
      { change: (text) => text.replace('transfer/Get', 'transfer/Take') },
      2150858771,
      'a:ActionNotSupported',
    ],
    [
      'a missing MessageID',
      { change: (text) => text.replace(/<a:MessageID>.*?<\/a:MessageID>/, '') },
      2150858769,
      'a:MessageInformationHeaderRequired',
    ],
    [
      'a missing ResourceURI',
      { change: (text) => text.replace(/<w:ResourceURI.*?<\/w:ResourceURI>/, '') },
      2150858769,
      'a:MessageInformationHeaderRequired',
    ],
    [
      'a reply to elsewhere',
      { change: (text) => text.replace('/role/anonymous', '/role/none') },
      2150858767,
      'a:InvalidMessageInformationHeader',
    ],
    ['a header that it must understand', { more: '<w:Lock s:mustUnderstand="true"/>' }, 2150858768, ''],
    ['a header of another namespace', { more: '<n:Locale s:mustUnderstand="1"/>' }, 2150858768, ''],
    [
      'a negative time-out',
      { change: (text) => text.replace('PT20S', '-PT20S') },
      2150858767,
      'a:InvalidMessageInformationHeader',
    ],
    [
      'a tiny MaxEnvelopeSize',
      { more: '<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>' },
      2150858805,
      'w:EncodingLimit',
    ],
    [
      'an envelope beyond MaxEnvelopeSizekb',
      { more: `<w:Locale>${'x'.repeat(600_000)}</w:Locale>` },
      2150858790,
      'w:EncodingLimit',
    ],
    ['two bodies', { body: '<w:One/><w:Two/>' }, 2150858817, 'w:SchemaValidationError'],
    ['a document type', { change: (text) => `<!DOCTYPE x>${text}` }, 2150858817, 'w:SchemaValidationError'],
    ['no XML', { change: () => 'no XML' }, 2150858817, 'w:SchemaValidationError'],
    ['depth', { change: () => '<a>'.repeat(10_000) }, 2150858817, 'w:SchemaValidationError'],
  ])('%s', async (_, change, code, subcode) => {
    const { status, fault } = await ask(winrm, { ...GET, ...change });
    expect({ status, fault }).toMatchObject({ status: 500, fault: { code, subcode } });
  });

  it('but not what need not be understood, and a fault may come with 200', async () => {
    winrm.configure({ faultStatus: 200 });
    const answer = await ask(winrm, { ...GET, more: '<w:Lock s:mustUnderstand="false"/>' });
    expect(answer.fault).toBeUndefined();
    expect(answer.relatesTo).toMatch(/^uuid:/);
    expect(await ask(winrm, { action: 'Put', resource: RESOURCES.config })).toMatchObject({
      status: 200,
      fault: { code: 2150858771 },
    });
  });
});
