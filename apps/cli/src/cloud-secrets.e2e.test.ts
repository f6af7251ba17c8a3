import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findCanaries } from '@slipline/testkit';
import type { Ran } from './command-line.test.support.ts';
import { ADA, APPLICATION, BEN, Clouds } from './clouds.test.support.ts';
import { COMMANDS } from './commands.ts';

// What the command line keeps of cloud sessions, hands out and shows, with every process real.
jest.setTimeout(180_000);

const PROVIDERS = ['entra', 'exchange-online'] as const;
const TENANT = 'contoso.onmicrosoft.com';

let clouds: Clouds;
beforeEach(async () => {
  clouds = await Clouds.start();
});
afterEach(() => clouds[Symbol.asyncDispose]());

/** Wrapped keys, and sealed secrets as the rows have them. */
function kept(): { readonly keys: readonly Buffer[]; readonly sealed: readonly Buffer[] } {
  const { keys, ledger } = clouds.paths;
  const files = readdirSync(keys).filter((name) => name.endsWith('.key'));
  // The driver of the ledger for every version of Node.
  const Database = createRequire(new URL('../../../packages/ledger/package.json', import.meta.url))(
    'libsql',
  ) as new (file: string) => { prepare(sql: string): { all(): { sealed: Uint8Array }[] }; close(): void };
  const database = new Database(ledger);
  const rows = database.prepare('SELECT sealed FROM entries WHERE sealed IS NOT NULL').all();
  database.close();
  return {
    keys: files.map((name) => readFileSync(join(keys, name))),
    sealed: rows.flatMap(({ sealed }) => piecesOf(Buffer.from(sealed))),
  };
}

/** A database spreads what is long over its pages. */
function piecesOf(bytes: Buffer): readonly Buffer[] {
  const count = Math.floor(bytes.length / 64);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * 64, (index + 1) * 64));
}

describe.each(PROVIDERS)('what is kept of a session of %s', (provider) => {
  it('is sealed, and after a disconnect neither its key nor the sealed bytes are anywhere', async () => {
    await clouds.connect(ADA, provider);
    // Sealed anew.
    await clouds.call('access', provider);
    clouds.directory.configure({ accessTokenLifetime: 200 });
    await clouds.call('access', provider);
    expect(clouds.filesWith(clouds.canaries())).toEqual([]);
    const { keys, sealed } = kept();
    expect(keys).toHaveLength(1);
    // Long enough to tell something.
    expect(sealed.length).toBeGreaterThan(20);
    expect(clouds.filesWith(keys)).toHaveLength(1);
    expect(clouds.filesWith(sealed).length).toBeGreaterThan(0);

    expect((await clouds.call('disconnect', provider, '--yes')).code).toBe(0);

    expect(clouds.filesWith([...keys, ...sealed])).toEqual([]);
    expect(clouds.filesWith(clouds.canaries())).toEqual([]);
    expect(kept()).toEqual({ keys: [], sealed: [] });
    expect((await clouds.call('access', provider)).code).toBe(4);
  });

  it('is renewed silently when its token is about to run out, by two processes at once too', async () => {
    clouds.directory.configure({ accessTokenLifetime: 200 });
    await clouds.connect(ADA, provider);
    clouds.directory.configure({ accessTokenLifetime: 3600 });
    clouds.directory.clearRequests();
    const access = (): Promise<Ran> => clouds.call('access', provider);
    const both = await Promise.all([access(), access()]);
    for (const { code, stderr, stdout } of both) {
      expect([code, stderr]).toEqual([0, '']);
      const [, token = ''] = /ACCESS_TOKEN='([^']+)'/.exec(stdout) ?? [];
      expect(clouds.directory.introspect(token)).toMatchObject({ userName: ADA, isExpired: false });
    }
    expect(clouds.directory.requestsTo('/oauth2/v2.0/token').length).toBeGreaterThan(0);
    // One of the two was kept, and serves whoever comes next.
    clouds.directory.clearRequests();
    expect(both.map(({ stdout }) => stdout)).toContain((await access()).stdout);
    expect(clouds.directory.requestCount).toBe(0);
    expect(clouds.directory.deviceCodes()).toHaveLength(1);
  });
});

describe('secrets of the clouds', () => {
  const NODE = process.execPath;
  const application = (provider: (typeof PROVIDERS)[number]) => [
    provider,
    ...(provider === 'entra' ? [TENANT] : ['--organization', TENANT]),
    ...APPLICATION,
  ];

  /** A line for each command, while sessions of a person and of an application are open. */
  const lines = (provider: (typeof PROVIDERS)[number]): Readonly<Record<string, readonly string[]>> => ({
    connect: ['connect', ...application(provider)],
    ls: ['ls', provider, '--live'],
    doctor: ['doctor', '--live'],
    run: ['run', '--with', application(provider).join(' '), '--', NODE, '-e', ''],
    disconnect: ['disconnect', provider, '--what-if'],
    apply: ['apply', `${provider}.json`, '--yes'],
    cleanup: ['cleanup', '--force'],
    history: ['history'],
    providers: ['providers'],
    plugins: ['plugins', 'list'],
    trust: ['trust', 'ls'],
    lab: ['lab', '--providers', provider, '--', NODE, '-e', ''],
    completion: ['completion', 'bash'],
  });

  it.each(PROVIDERS)('of %s are in what no command says, whatever it is asked to say', async (provider) => {
    const debug = ['--debug', '--verbose', '-o', 'json'];
    const said: Ran[] = [];
    const say = async (...argv: readonly string[]): Promise<Ran> => {
      const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
      const ran = await clouds.call(...argv.slice(0, end), ...debug, ...argv.slice(end));
      said.push(ran);
      return ran;
    };
    // `access` is there to print them.
    const all = lines(provider);
    expect(Object.keys(all).sort()).toEqual(
      Object.keys(COMMANDS)
        .filter((name) => name !== 'access')
        .sort(),
    );
    said.push(await clouds.connect(BEN, provider, ...debug));
    said.push(await clouds.call('disconnect', provider, '--plan', `${provider}.json`, ...debug));
    for (const line of Object.values(all)) {
      const { code } = await say(...line);
      expect([line, code]).toEqual([line, 0]);
    }
    // What goes wrong is told as well.
    await clouds.connect(BEN, provider);
    clouds.directory.revoke(BEN);
    await say('ls', provider, '--live');
    clouds.directory.refuse(APPLICATION[1] ?? '', 7000215);
    await say('connect', ...application(provider));
    const granted = await clouds.call('access', provider, ...debug);
    said.push({ ...granted, stdout: '' });
    const cmdlet = provider === 'entra' ? 'Disconnect-Entra' : 'Disconnect-ExchangeOnline';
    said.push(
      await clouds.call(cmdlet, ...(provider === 'entra' ? [] : ['-Confirm:$false']), '-Debug', '-Verbose'),
    );

    const canaries = clouds.canaries();
    expect(canaries.length).toBeGreaterThan(10);
    expect(findCanaries(said, canaries)).toEqual([]);
    expect(findCanaries([readFileSync(join(clouds.lab.home, `${provider}.json`), 'utf8')], canaries)).toEqual(
      [],
    );
    expect(clouds.filesWith(canaries)).toEqual([]);
    expect(JSON.stringify(said)).toContain(ADA.split('@')[1]);
  });
});
