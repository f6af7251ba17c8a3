import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { accepting } from './acceptor.ts';
import { ByteWriter } from './bytes.ts';
import { FakeSmbServer } from './fake-smb-server.ts';
import { RpcEndpoint } from './rpc-endpoint.ts';
import { noRpcFaults, type RpcService } from './rpc-service.ts';
import type { FakeSmbOptions } from './smb-settings.ts';

const run = promisify(execFile);
const PASSWORD = 'Passw0rd!';
const accept = accepting({ users: [{ userName: 'opadmin', domain: 'CORP', password: PASSWORD }] });

/** Samba's own interface for trying out RPC, as `rpcclient` calls it. */
function echoService(calls: number[]): RpcService {
  return {
    name: 'rpcecho',
    uuid: '60a15ec5-4de8-11d7-a637-005056a20182',
    version: [1, 0],
    operations: {
      0: (stub) => {
        const number = stub.u32();
        calls.push(number);
        return new ByteWriter().u32(number + 1).done();
      },
      1: (stub) => {
        const length = stub.u32();
        const most = stub.u32();
        const data = stub.take(length);
        calls.push(length);
        return new ByteWriter().u32(most).bytes(data).done();
      },
      3: (stub) => {
        const length = stub.u32();
        calls.push(length);
        const data = Buffer.from(Array.from({ length }, (_, place) => place & 0xff));
        return new ByteWriter().u32(length).bytes(data).done();
      },
    },
  };
}

async function withServer(
  options: Partial<FakeSmbOptions>,
  work: (port: number, calls: readonly number[], server: FakeSmbServer) => Promise<void>,
  minimumLevel = 6,
): Promise<void> {
  const calls: number[] = [];
  const services = [echoService(calls)];
  const faults = noRpcFaults();
  const pipe = (userName: string) =>
    new RpcEndpoint({ services, accept, faults, userName, minimumLevel, address: '\\PIPE\\rpcecho' });
  await using server = await FakeSmbServer.start({
    ...options,
    accept,
    pipes: new Map([['rpcecho', pipe]]),
  });
  await work(server.port, calls, server);
}

function rpcclient(port: number, binding: string, command: string, settings: readonly string[] = []) {
  const global = ['log level=1', 'client min protocol=SMB2_02', ...settings];
  const options = global.map((line) => `--option=${line}`);
  const target = `ncacn_np:127.0.0.1[${binding}]`;
  return run(
    'rpcclient',
    [...options, '-p', String(port), '-U', `CORP\\opadmin%${PASSWORD}`, target, '-c', command],
    {
      timeout: 30_000,
    },
  );
}

describe('a Samba client of the fake server', () => {
  it.each([
    ['3.1.1', 'SMB3_11'],
    ['3.0.2', 'SMB3_02'],
    ['3.0', 'SMB3_00'],
    ['2.1', 'SMB2_10'],
    ['2.0.2', 'SMB2_02'],
  ])('speaks SMB %s', async (_name, protocol) => {
    await withServer({}, async (port, calls) => {
      await rpcclient(port, 'seal', 'echoaddone 41', [`client max protocol=${protocol}`]);
      expect(calls).toEqual([41]);
    });
  });

  it.each([['aes-128-gcm'], ['aes-128-ccm'], ['aes-256-gcm'], ['aes-256-ccm']] as const)(
    'encrypts with %s',
    async (cipher) => {
      await withServer({ ciphers: [cipher], encryption: 'required' }, async (port, calls) => {
        await rpcclient(port, 'seal', 'echoaddone 1');
        expect(calls).toEqual([1]);
      });
    },
  );

  it.each([
    ['aes-gmac', 'aes-128-gmac'],
    ['aes-cmac', 'aes-128-cmac'],
    ['hmac-sha256', 'hmac-sha256'],
  ] as const)('signs with %s', async (signing, name) => {
    await withServer({ signings: [signing], encryption: 'off' }, async (port, calls) => {
      await rpcclient(port, 'seal', 'echoaddone 1', [`client smb3 signing algorithms=${name}`]);
      expect(calls).toEqual([1]);
    });
  });

  it.each([['seal'], ['seal,spnego'], ['sign'], ['sign,spnego']])(
    'protects RPC with [%s], over several fragments both ways',
    async (binding) => {
      await withServer(
        { maxTransact: 8192 },
        async (port, calls) => {
          await rpcclient(port, binding, 'echodata 20000');
          await rpcclient(port, binding, 'sourcedata 30000');
          expect(calls).toEqual([20_000, 30_000]);
        },
        5,
      );
    },
  );

  it('is refused with a wrong password, and without privacy', async () => {
    await withServer({}, async (port, calls, server) => {
      await expect(rpcclient(port, 'sign', 'echoaddone 1')).rejects.toThrow(/ACCESS_DENIED/);
      const wrong = [
        '-p',
        String(port),
        '-U',
        'CORP\\opadmin%wrong',
        'ncacn_np:127.0.0.1[seal]',
        '-c',
        'echoaddone 1',
      ];
      await expect(run('rpcclient', wrong)).rejects.toThrow(/LOGON_FAILURE/);
      expect([calls, server.signIns]).toEqual([[], ['opadmin']]);
    });
  });
});
