import { createServer } from 'node:https';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { MemoryTrust } from '../memory-stores.ts';
import { AUTHORITY, SERVER } from './certificates.test.support.ts';
import { at, listening } from './loopback.test.support.ts';
import { Network } from './network.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** An HTTPS server for `server.test`, and a network that reaches it. */
async function setUp() {
  const server = createServer({ cert: SERVER.certificate, key: SERVER.privateKey }, (_request, answer) =>
    answer.end('hello'),
  );
  const loopback = await listening(server, () => '');
  const trust = new MemoryTrust(() => Date.now());
  const options = { authorities: [AUTHORITY], resolve: at('server.test', loopback) };
  const network = new Network(options, log, async () => trust, undefined);
  return {
    network,
    loopback,
    [Symbol.asyncDispose]: async () => {
      await network[Symbol.asyncDispose]();
      await loopback[Symbol.asyncDispose]();
    },
  };
}

const URL = 'https://server.test/';

describe('what is expected of a server', () => {
  it('holds for connections that were made before as well: they are not used again', async () => {
    await using place = await setUp();
    const { network } = place;
    const get = async (): Promise<string> => (await network.fetch(URL)).text();
    // A connection is free for the next request a little after its answer has been read.
    for (let requests = 1; place.loopback.connections.length >= requests - 1; requests += 1)
      expect(await get()).toBe('hello');
    network.expect('server.test', { pin: 'ab'.repeat(32) });
    await expect(get()).rejects.toMatchObject({ code: 'untrusted' });
  });
});

describe('a request that cannot be sent', () => {
  it.each(['to\nken-of-somebody', 'tokěn-of-somebody'])('does not repeat its headers', async (token) => {
    await using place = await setUp();
    const { network } = place;
    const error = await network.fetch(URL, { headers: { auth: token } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'internal', mayHaveTakenEffect: false });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('of-somebody');
  });
});
