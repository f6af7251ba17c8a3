import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryLedger, Secret, Slipline } from '@slipline/core';
import { connectSmb, type SmbConnection } from '@slipline/msrpc';
import { Samba } from '@slipline/msrpc/testing';
import { ntlm } from '@slipline/windows-auth';
import { smbSessions } from './plugin.ts';

const NAME = 'TSTHOST';
const USER = 'opguest';
/** smbd lets Administrators list sessions, and root end them. Its password is that of this smbd only. */
const ADMINISTRATOR = 'root';
const PASSWORD = 'An0ther!';

const run = promisify(execFile);

async function addUser(samba: Samba, name: string): Promise<void> {
  await run('id', [name]).catch(() => run('useradd', ['-M', '-s', '/usr/sbin/nologin', name]));
  const file = configuration(samba);
  const added = run('smbpasswd', ['-c', file, '-L', '-s', '-a', name]);
  added.child.stdin?.end(`${PASSWORD}\n${PASSWORD}\n`);
  await added;
}

async function makeRootAdministrator(samba: Samba): Promise<void> {
  const groupmap = (...words: string[]) =>
    run('net', [`--configfile=${configuration(samba)}`, 'groupmap', ...words]);
  const sid = 'sid=S-1-5-32-544';
  await groupmap('delete', sid);
  await groupmap('add', sid, 'unixgroup=root', 'type=builtin', 'ntgroup=Administrators');
}

function configuration({ pipes }: Samba): string {
  return join(pipes, '..', '..', 'smb.conf');
}

describe('sessions on smbd', () => {
  let samba: Samba;
  beforeAll(async () => {
    samba = await Samba.start();
    await addUser(samba, USER);
    await addUser(samba, ADMINISTRATOR);
    await makeRootAdministrator(samba);
  }, 60_000);
  afterAll(() => samba.stop(), 60_000);

  const slipline = (): Slipline =>
    new Slipline({
      providers: [smbSessions()],
      ledger: new MemoryLedger(),
      network: { resolve: [{ host: NAME, address: '127.0.0.1', toPort: samba.port }] },
    });
  const administrator = () => ({ userName: ADMINISTRATOR, password: new Secret(PASSWORD) });

  async function signIn(): Promise<{ readonly smb: SmbConnection; readonly socket: Socket }> {
    const socket = connect(samba.port, '127.0.0.1');
    await once(socket, 'connect');
    const credential = { userName: USER, password: PASSWORD };
    const security = () => ntlm({ credential, target: 'cifs/127.0.0.1' });
    const smb = await connectSmb({
      socket,
      signal: new AbortController().signal,
      host: '127.0.0.1',
      security,
    });
    return { smb, socket };
  }

  it('are listed and ended: the server closes them', async () => {
    const { smb, socket } = await signIn();
    const closed = once(socket, 'close');
    await using user = slipline();
    const selector = { computerName: [NAME], user: [USER], ...administrator() };
    const { sessions, problems } = await user.sessions({ provider: 'smb-sessions', selector });
    expect(problems).toEqual([]);
    expect(sessions).toMatchObject([
      { kind: 'file-session', principal: USER, details: { clientName: '127.0.0.1', sessionCount: 1 } },
    ]);
    const plan = await user.plan({ provider: 'smb-sessions', selector });
    const { outcomes } = await user.apply(plan, administrator());
    expect(outcomes).toMatchObject([{ status: 'disconnected', effect: 'end', verification: 'verified' }]);
    await closed;
    expect(smb.isOpen).toBe(false);
    expect((await user.sessions({ provider: 'smb-sessions', selector })).sessions).toEqual([]);
  }, 60_000);

  it('are not ended for somebody without the right', async () => {
    const { smb } = await signIn();
    await using user = slipline();
    const selector = { computerName: [NAME], user: [USER], ...administrator() };
    const plan = await user.plan({ provider: 'smb-sessions', selector });
    const nobody = { userName: USER, password: new Secret(PASSWORD) };
    const { outcomes } = await user.apply(plan, nobody);
    expect(outcomes).toMatchObject([{ status: 'failed', error: { code: 'forbidden' } }]);
    expect(smb.isOpen).toBe(true);
    await smb.close();
  }, 60_000);
});
