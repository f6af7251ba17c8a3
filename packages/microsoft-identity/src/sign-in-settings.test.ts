import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failureOf } from './bench.test.support.ts';
import { selfSigned } from './certificates.test.support.ts';
import { readCertificate } from './certificate.ts';
import { MODERN_PFX, PASSWORD } from './pfx-files.test.support.ts';
import { sourceOf } from './sign-in-method.ts';
import { chooseMethod, settingsFromVariables, type SignInSettings } from './sign-in-settings.ts';

let folder = '';
const pem = selfSigned();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identity-'));
  await writeFile(join(folder, 'app.pem'), `${pem.certificate}${pem.privateKey}`);
  await writeFile(join(folder, 'no-key.pem'), pem.certificate);
  await writeFile(join(folder, 'app.pfx'), Buffer.from(MODERN_PFX, 'base64'));
  await writeFile(join(folder, 'empty'), '');
  await writeFile(join(folder, 'large'), Buffer.alloc(300_000, 'A'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a way to sign in', () => {
  it.each<[SignInSettings, string]>([
    [{}, 'interactive'],
    [{ deviceCode: false }, 'interactive'],
    [{ deviceCode: true }, 'device-code'],
    [{ clientSecret: 'fake' }, 'client-secret'],
    [{ managedIdentity: {} }, 'managed-identity'],
    [{ federated: true }, 'federated'],
    [{ federatedTokenFile: '/token' }, 'federated'],
    [{ accessToken: 'fake' }, 'access-token'],
  ])('is chosen by what was said: %j', async (settings, kind) => {
    expect((await chooseMethod(settings)).method.kind).toBe(kind);
  });

  it('by a certificate keeps what is in the file, and tells which it is', async () => {
    const { method, certificate } = await chooseMethod({
      certificateFile: join(folder, 'app.pem'),
      sendsChain: true,
    });
    expect(method).toMatchObject({ kind: 'certificate', sendsChain: true });
    expect(certificate).toMatchObject({ subject: 'CN=Lab application' });
    expect(certificate?.thumbprint).toMatch(/^[0-9A-F]{40}$/);
    expect(JSON.stringify(certificate)).not.toContain('PRIVATE');
    const pfx = await chooseMethod({
      certificateFile: join(folder, 'app.pfx'),
      certificatePassword: PASSWORD,
    });
    if (pfx.method.kind !== 'certificate') throw new Error('It is no certificate.');
    expect(await readCertificate(sourceOf(pfx.method.certificate))).toMatchObject({
      thumbprint: pfx.certificate?.thumbprint,
    });
  });

  it.each<[string, () => SignInSettings, object]>([
    ['two ways', () => ({ deviceCode: true, clientSecret: 'x' }), { next: 'choose one of them' }],
    ['a password for nothing', () => ({ certificatePassword: 'x' }), { next: 'give the file too' }],
    ['a chain of nothing', () => ({ sendsChain: true }), { next: 'give it too' }],
    ['a file that is not there', () => ({ certificateFile: join(folder, 'nowhere') }), {}],
    ['a folder', () => ({ certificateFile: folder }), {}],
    ['an empty file', () => ({ certificateFile: join(folder, 'empty') }), {}],
    [
      'a large file',
      () => ({ certificateFile: join(folder, 'large') }),
      { message: 'the certificate file is too large' },
    ],
    ['no key', () => ({ certificateFile: join(folder, 'no-key.pem') }), {}],
    [
      'a wrong password',
      () => ({ certificateFile: join(folder, 'app.pfx'), certificatePassword: 'wrong' }),
      {},
    ],
  ])('is refused for %s', async (_what, settings, expected) => {
    expect(await failureOf(chooseMethod(settings()))).toMatchObject({
      code: 'invalid-settings',
      kind: 'invalid',
      next: expect.any(String),
      ...expected,
    });
  });
});

describe('the variables of a job', () => {
  const application = { AZURE_CLIENT_ID: 'id', AZURE_TENANT_ID: 'tenant' };
  it.each<[Readonly<Record<string, string>>, SignInSettings]>([
    [{ AZURE_CLIENT_SECRET: 's' }, { clientSecret: 's' }],
    [
      { AZURE_CLIENT_CERTIFICATE_PATH: 'p', AZURE_CLIENT_CERTIFICATE_PASSWORD: 'w' },
      { certificateFile: 'p', certificatePassword: 'w', sendsChain: false },
    ],
    [
      { AZURE_CLIENT_CERTIFICATE_PATH: 'p', AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: 'true' },
      { certificateFile: 'p', sendsChain: true },
    ],
    [{ AZURE_FEDERATED_TOKEN_FILE: 'f' }, { federatedTokenFile: 'f' }],
  ])('describe an application: %j', (variables, settings) => {
    expect(settingsFromVariables({ ...application, ...variables })).toEqual({
      clientId: 'id',
      tenant: 'tenant',
      settings,
    });
  });

  it.each<[Readonly<Record<string, string>>, string, string]>([
    [{}, 'invalid-settings', 'set AZURE_CLIENT_ID and AZURE_TENANT_ID'],
    [
      application,
      'invalid-settings',
      'set AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE',
    ],
    [
      { ...application, AZURE_USERNAME: 'u' },
      'unsupported',
      'give a secret, a certificate or a federated token instead',
    ],
  ])('lack something: %j', async (variables, code, next) => {
    expect(await failureOf((async () => settingsFromVariables(variables))())).toMatchObject({ code, next });
  });
});
