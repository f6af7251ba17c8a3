import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@slipline/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readHttpFile, type HttpFile } from './http-file.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { settingsFrom, type ServeFlags } from './settings.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-http-json-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(value: unknown): Promise<HttpFile> {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  await writeFile(join(folder, 'http.json'), text, { mode: 0o600 });
  return readHttpFile(folder);
}

const NOTHING: HttpFile = { limits: {}, watch: [] };
const settle = (
  flags: ServeFlags,
  environment: Readonly<Record<string, string>> = {},
  file = NOTHING,
): ReturnType<typeof settingsFrom> => settingsFrom(flags, environment, file);

describe('http.json', () => {
  it('need not be there', async () => {
    expect(await readHttpFile(folder)).toEqual(NOTHING);
    expect(await readHttpFile(join(folder, 'none'))).toEqual(NOTHING);
  });

  it('says how the service runs; files are found beside it', async () => {
    expect(
      await read({
        listen: { host: '192.0.2.1', port: 8443 },
        tls: { certificate: 'cert.pem', privateKey: '/etc/key.pem' },
        names: ['slipline.example'],
        behindProxy: ['10.0.0.5'],
        outbound: ['ov1.example:443'],
        limits: { requestsPerUser: 10 },
        watch: [{ provider: 'wsman', values: { computerName: ['server01'] }, every: 60 }],
      }),
    ).toEqual({
      host: '192.0.2.1',
      port: 8443,
      tlsCertificate: join(folder, 'cert.pem'),
      tlsKey: '/etc/key.pem',
      names: ['slipline.example'],
      behindProxy: ['10.0.0.5'],
      outbound: ['ov1.example:443'],
      limits: { requestsPerUser: 10 },
      watch: [{ provider: 'wsman', values: { computerName: ['server01'] }, every: 60 }],
    });
  });

  it.each([
    ['', /JSON/],
    ['{', /JSON/],
    ['[]', /it is not an object/],
    ['null', /it is not an object/],
    [{ port: 1 }, /unknown parameter "port"/],
    [{ listen: 4380 }, /"listen" is not an object/],
    [{ listen: { port: 70_000 } }, /port is at most 65535/],
    [{ listen: { port: '4380x' } }, /port is a whole number/],
    [{ tls: { certificate: 'cert.pem' } }, /privateKey is required/],
    [{ outbound: [] }, /outbound needs at least one value/],
    [{ outbound: [1] }, /outbound is a text/],
    [{ limits: { requestsPerUser: 0 } }, /at least 1/],
    [{ limits: { speed: 1 } }, /unknown parameter "speed"/],
    [{ watch: {} }, /"watch" is not a list/],
    [{ watch: [{ values: {} }] }, /provider is required/],
    [{ watch: [{ provider: 'wsman', every: 1 }] }, /every is at least 2/],
    [{ watch: [{ provider: 'wsman', values: [] }] }, /watch\[0\].values is not an object/],
  ])('%j is refused in one sentence', async (value, words) => {
    await expect(read(value)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(words) as unknown as string,
      next: `edit ${join(folder, 'http.json')}`,
    });
  });

  it('is refused when it is huge, a folder, or writable by others', async () => {
    await expect(read(' '.repeat(1_048_577))).rejects.toThrow(/larger than/);
    await read('{}');
    await chmod(join(folder, 'http.json'), 0o666);
    await expect(readHttpFile(folder)).rejects.toThrow(/other users can write/);
    await rm(join(folder, 'http.json'));
    await symlink(folder, join(folder, 'http.json'));
    await expect(readHttpFile(folder)).rejects.toThrow(/cannot be read/);
  });
});

describe('settings', () => {
  it('are loopback and nothing to connect to, where nothing is said', () => {
    expect(settle({})).toEqual({
      host: '127.0.0.1',
      port: 4380,
      isLoopback: true,
      tls: undefined,
      names: [],
      behindProxy: [],
      outbound: [],
      limits: DEFAULT_LIMITS,
      watch: [],
    });
  });

  it('flags win over environment, and that over the file', () => {
    const file = { ...NOTHING, host: '127.0.0.3', port: 3, names: ['file.example'] };
    const environment = {
      SLIPLINE_HTTP_HOST: '127.0.0.2',
      SLIPLINE_HTTP_PORT: '2',
      SLIPLINE_HTTP_NAMES: 'a.example, b.example',
    };
    expect(
      settle({ host: '127.0.0.1', port: '1', name: ['Flag.Example.'] }, environment, file),
    ).toMatchObject({
      host: '127.0.0.1',
      port: 1,
      names: ['flag.example'],
    });
    expect(settle({}, environment, file)).toMatchObject({
      host: '127.0.0.2',
      port: 2,
      names: ['a.example', 'b.example'],
    });
    expect(settle({}, {}, file)).toMatchObject({ host: '127.0.0.3', port: 3, names: ['file.example'] });
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'server.example', '::ffff:192.0.2.1', '128.0.0.1'])(
    '%s takes TLS or a proxy',
    (host) => {
      expect(() => settle({ host })).toThrow(/is not loopback, and there is no TLS/);
      expect(settle({ host, behindProxy: ['10.0.0.5'] })).toMatchObject({ isLoopback: false });
    },
  );

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:127.0.0.1'])('%s takes neither', (host) => {
    expect(settle({ host })).toMatchObject({ isLoopback: true });
    expect(settle({ host }).host).not.toBe('localhost');
  });

  it.each([
    [{ port: '70000' }, /is not a port/],
    [{ port: '' }, /is not a port/],
    [{ port: '-1' }, /is not a port/],
    [{ name: ['https://x'] }, /is not a name of this service/],
    [{ name: ['a b'] }, /is not a name of this service/],
    [{ behindProxy: ['0.0.0.0/0'] }, /is not the address of a proxy/],
    [{ behindProxy: ['10.0.0.0/33'] }, /is not the address of a proxy/],
    [{ behindProxy: ['proxy.example'] }, /is not the address of a proxy/],
    [{ tlsCert: 'x.pem' }, /TLS needs a certificate and its key/],
    [{ tlsCert: '/none/x.pem', tlsKey: '/none/y.pem' }, /cannot be read \(ENOENT\)/],
  ])('%j is refused', (flags, words) => {
    expect(() => settle(flags)).toThrow(words);
  });

  it('a key that is not that of the certificate is refused', async () => {
    const authority = await createAuthority();
    const one = await authority.issue({ commonName: 'one.example', names: ['one.example'] });
    const other = await authority.issue({ commonName: 'two.example', names: ['two.example'] });
    const files = { tlsCert: join(folder, 'cert.pem'), tlsKey: join(folder, 'key.pem') };
    await writeFile(files.tlsCert, one.certificate);
    await writeFile(files.tlsKey, other.privateKey);
    expect(() => settle(files)).toThrow(/do not fit each other/);
    await writeFile(files.tlsKey, one.privateKey);
    expect(settle({ ...files, host: '0.0.0.0' }).tls?.certificate).toBe(one.certificate);
  });
});
