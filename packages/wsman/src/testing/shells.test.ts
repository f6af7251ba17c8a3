import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { manualClock, type ManualClock } from '@slipline/testkit';
import { FakeWinrm } from './fake-winrm.ts';
import { NAMESPACES, RESOURCES } from './namespaces.ts';
import { ask, find, IN_THE_CLEAR, PERSON, textsOf, type Wanted } from './raw-client.test.support.ts';

const OPEN_CMD =
  '<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>';
const openPowerShell = (id?: string) =>
  `<rsp:Shell${id === undefined ? '' : ` ShellId="${id}"`} Name="WinRM1"><rsp:InputStreams>stdin pr</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams></rsp:Shell>`;
const ID = '0D2A4B9C-5E6F-4A1B-8C3D-123456789ABC';
const MINUTE = 60_000;

let clock: ManualClock;
let winrm: FakeWinrm;
beforeEach(async () => {
  clock = manualClock();
  winrm = await FakeWinrm.start({ ...IN_THE_CLEAR, clock });
});
afterEach(() => winrm.stop());

const shell = (id: string, resource: string = RESOURCES.cmd) => ({ resource, selectors: { ShellId: id } });
const create = (wanted: Wanted = {}, user?: typeof PERSON) =>
  ask(winrm, { action: 'Create', resource: RESOURCES.cmd, body: OPEN_CMD, ...wanted }, user);
const remove = (id: string, resource?: string, user?: typeof PERSON) =>
  ask(winrm, { action: 'Delete', ...shell(id, resource) }, user);

describe('creating and deleting', () => {
  it('makes a shell of the caller, and ends it under its own resource', async () => {
    const created = await create();
    const [id = ''] = textsOf(created.body, 'Selector');
    expect(created).toMatchObject({ status: 200, action: `${NAMESPACES.x}/CreateResponse` });
    expect(winrm.openShells()).toMatchObject([
      { id, owner: 'CORP\\Administrator', clientAddress: '127.0.0.1' },
    ]);
    expect(await remove(id)).toMatchObject({ action: `${NAMESPACES.x}/DeleteResponse`, body: undefined });
    expect(winrm.shells()).toMatchObject([{ id, endedBy: 'deleted' }]);
    expect((await remove(id)).fault).toMatchObject({ code: 2150858843, subcode: 'w:InvalidSelectors' });
  });

  it('refuses to delete under another resource, with a body, or without a selector', async () => {
    const { id } = winrm.openShell({ owner: 'CORP\\jdoe', resourceUri: RESOURCES.powerShell });
    expect((await remove(id, RESOURCES.cmd)).fault?.code).toBe(2150858843);
    expect((await remove(id, RESOURCES.shells)).fault?.code).toBe(2150858811);
    const withBody = { action: 'Delete', ...shell(id, RESOURCES.powerShell), body: OPEN_CMD } as const;
    expect((await ask(winrm, withBody)).fault?.code).toBe(2150858817);
    const nameless = { action: 'Delete', resource: RESOURCES.powerShell } as const;
    expect((await ask(winrm, nameless)).fault?.code).toBe(2150858813);
    expect(winrm.openShellCount).toBe(1);
    expect((await remove(id, RESOURCES.powerShell)).status).toBe(200);
    expect(winrm.openShellCount).toBe(0);
  });

  it('keeps users to their own shells', async () => {
    const { id } = winrm.openShell({ owner: 'CORP\\Administrator', resourceUri: RESOURCES.cmd });
    expect((await remove(id, undefined, PERSON)).fault).toMatchObject({ code: 5, subcode: 'w:AccessDenied' });
    expect((await ask(winrm, { action: 'Get', ...shell(id, RESOURCES.shells) }, PERSON)).fault?.code).toBe(5);
    await create({}, PERSON);
    const own = await ask(
      winrm,
      {
        action: 'Enumerate',
        resource: RESOURCES.shells,
        body: '<n:Enumerate><w:OptimizeEnumeration/></n:Enumerate>',
      },
      PERSON,
    );
    expect(textsOf(own.body, 'Owner')).toEqual(['CORP\\jdoe']);
    expect(winrm.openShellCount).toBe(2);
  });

  it('has quotas, and says which', async () => {
    winrm.configure({ maxShellsPerUser: 2, maxConcurrentUsers: 1 });
    await create();
    await create();
    const { fault, status } = await create();
    expect({ fault, status }).toMatchObject({
      status: 500,
      fault: {
        code: 2150859173,
        subcode: 'w:QuotaLimit',
        message: expect.stringContaining('number of 2 concurrent'),
      },
    });
    expect((await create({}, PERSON)).fault?.code).toBe(2150859179);
    winrm.configure({ allowRemoteShellAccess: false });
    expect((await create()).fault).toMatchObject({ code: 2150859180, subcode: 'w:InternalError' });
    expect(winrm.openShellCount).toBe(2);
  });

  it.each([
    ['another resource', { resource: RESOURCES.shells }, 2150858811],
    ['no shell', { body: '' }, 2150858817],
    ['no streams', { body: '<rsp:Shell/>' }, 2150858817],
    ['an id of its own for a winrs shell', { body: openPowerShell(ID) }, 2150858813],
    [
      'too short an idle time',
      { body: OPEN_CMD.replace('</rsp:Shell>', '<rsp:IdleTimeOut>PT1S</rsp:IdleTimeOut></rsp:Shell>') },
      2150859250,
    ],
  ])('refuses %s', async (_, wanted, code) => {
    expect((await create(wanted)).fault?.code).toBe(code);
    expect(winrm.openShellCount).toBe(0);
  });
});

describe('time', () => {
  it('ends shells that nobody uses, and shows how long they have rested', async () => {
    winrm.configure({ idleTimeout: 10 * MINUTE });
    const { id } = winrm.openShell({ owner: 'CORP\\jdoe', resourceUri: RESOURCES.cmd });
    await clock.advance(9 * MINUTE);
    const { body } = await ask(winrm, { action: 'Get', ...shell(id, RESOURCES.shells) });
    expect(textsOf(body, 'ShellInactivity')).toEqual(['P0DT0H9M0S']);
    expect(textsOf(body, 'IdleTimeOut')).toEqual(['PT600.000S']);
    await clock.advance(MINUTE);
    expect(winrm.shells()).toMatchObject([{ id, endedBy: 'idle' }]);
    const missing = await ask(winrm, { action: 'Get', ...shell(id, RESOURCES.shells) });
    expect(missing.fault).toMatchObject({ code: 2150858843, message: expect.stringContaining('not found') });
    expect(find(missing.body, 'ProviderFault')).toBeDefined();
  });

  it('ends shells that have run too long, used or not', async () => {
    winrm.configure({ maxShellRunTime: 10 * MINUTE, idleTimeout: 6 * MINUTE });
    const { id } = winrm.openShell({ owner: 'CORP\\Administrator', resourceUri: RESOURCES.cmd });
    await clock.advance(5 * MINUTE);
    const line = '<rsp:CommandLine><rsp:Command>hostname</rsp:Command></rsp:CommandLine>';
    expect((await ask(winrm, { action: 'Command', ...shell(id), body: line })).status).toBe(200);
    await clock.advance(5 * MINUTE);
    expect(winrm.shells()).toMatchObject([{ id, endedBy: 'run-time' }]);
  });
});

describe('disconnecting', () => {
  const park = (id: string, body = '<rsp:Disconnect/>', resource: string = RESOURCES.powerShell) =>
    ask(winrm, { action: 'Disconnect', ...shell(id, resource), body });
  const own = '<p:SessionId s:mustUnderstand="false">uuid:A</p:SessionId>';
  const resume = (id: string, more = own) =>
    ask(winrm, { action: 'Reconnect', ...shell(id, RESOURCES.powerShell), more });

  it('parks a PowerShell shell until its own client session comes back', async () => {
    await create({ resource: RESOURCES.powerShell, body: openPowerShell(ID), more: own });
    expect(winrm.openShells()).toMatchObject([
      { id: ID, hasClientId: true, sessionId: 'uuid:A', name: 'WinRM1' },
    ]);
    const idle =
      '<rsp:Disconnect><rsp:IdleTimeOut>PT120S</rsp:IdleTimeOut><rsp:BufferMode>Drop</rsp:BufferMode></rsp:Disconnect>';
    expect((await park(ID, idle)).action).toBe(`${NAMESPACES.rsp}/DisconnectResponse`);
    expect(winrm.openShells()).toMatchObject([
      { state: 'Disconnected', bufferMode: 'Drop', idleTimeout: 120_000 },
    ]);
    expect((await park(ID)).fault?.code).toBe(2150859215);
    const line = '<rsp:CommandLine><rsp:Command>x</rsp:Command></rsp:CommandLine>';
    const used = await ask(winrm, { action: 'Command', ...shell(ID, RESOURCES.powerShell), body: line });
    expect(used.fault?.code).toBe(2150859204);
    expect((await resume(ID, '')).fault?.code).toBe(2150859206);
    expect((await resume(ID)).action).toBe(`${NAMESPACES.rsp}/ReconnectResponse`);
    expect(winrm.openShells()).toMatchObject([{ state: 'Connected' }]);
    expect((await resume(ID, '')).fault?.code).toBe(2150859213);
  });

  it('parks no winrs shell, no shell whose id the server chose, and where wanted none of another session', async () => {
    const cmd = winrm.openShell({ owner: 'CORP\\jdoe', resourceUri: RESOURCES.cmd });
    expect((await park(cmd.id, undefined, RESOURCES.cmd)).fault?.code).toBe(2150859205);
    const chosen = winrm.openShell({
      owner: 'CORP\\jdoe',
      resourceUri: RESOURCES.powerShell,
      hasClientId: false,
    });
    expect((await park(chosen.id)).fault?.code).toBe(2150859205);
    const foreign = winrm.openShell({
      owner: 'CORP\\jdoe',
      resourceUri: RESOURCES.powerShell,
      sessionId: 'uuid:A',
    });
    winrm.configure({ disconnectNeedsOwnSession: true });
    expect((await park(foreign.id)).fault?.code).toBe(2150859206);
    winrm.configure({ disconnectNeedsOwnSession: false });
    expect((await park(foreign.id)).status).toBe(200);
  });
});

describe('commands', () => {
  const line = (command: string, ...given: readonly string[]) =>
    `<rsp:CommandLine><rsp:Command>${command}</rsp:Command>${given.map((text) => `<rsp:Arguments>${text}</rsp:Arguments>`).join('')}</rsp:CommandLine>`;
  const receive = (id: string, run: string) =>
    ask(winrm, {
      action: 'Receive',
      ...shell(id),
      body: `<rsp:Receive><rsp:DesiredStream CommandId="${run}">stdout stderr</rsp:DesiredStream></rsp:Receive>`,
    });
  const end = (id: string, run: string, code = `${NAMESPACES.rsp}/signal/terminate`) =>
    ask(winrm, {
      action: 'Signal',
      ...shell(id),
      body: `<rsp:Signal CommandId="${run}"><rsp:Code>${code}</rsp:Code></rsp:Signal>`,
    });

  it('run, answer once, and count until they are signalled', async () => {
    const { id } = winrm.openShell({ owner: 'CORP\\Administrator', resourceUri: RESOURCES.cmd });
    const started = await ask(winrm, { action: 'Command', ...shell(id), body: line('echo', 'a', 'b') });
    const [run = ''] = textsOf(started.body, 'CommandId');
    const { body } = await receive(id, run);
    expect(textsOf(body, 'Stream').map((text) => Buffer.from(text, 'base64').toString())).toEqual([
      'a b\r\n',
      '',
      '',
    ]);
    expect(textsOf(body, 'ExitCode')).toEqual(['0']);
    expect(find(body, 'CommandState')?.attributes.get('State')).toBe(`${NAMESPACES.rsp}/CommandState/Done`);
    expect(winrm.openCommandCount).toBe(1);
    expect((await end(id, run, 'no such code')).fault?.code).toBe(2150858817);
    expect((await end(id, run)).status).toBe(200);
    expect(winrm.openCommandCount).toBe(0);
    expect((await receive(id, run)).fault?.code).toBe(2150858843);
  });

  it('that run on make Receive wait as long as its time-out', async () => {
    const { id } = winrm.openShell({ owner: 'CORP\\Administrator', resourceUri: RESOURCES.cmd });
    const started = await ask(winrm, { action: 'Command', ...shell(id), body: line('pause') });
    const [run = ''] = textsOf(started.body, 'CommandId');
    const arrived = winrm.nextRequest('Receive');
    const answer = receive(id, run);
    await arrived;
    expect(clock.sleepers).toBe(1);
    await clock.advance(20_000);
    expect((await answer).fault).toMatchObject({ code: 2150858793, subcode: 'w:TimedOut' });
  });

  it('are operations, of which a user may have so many', async () => {
    winrm.configure({ maxConcurrentOperationsPerUser: 1 });
    const { id } = winrm.openShell({ owner: 'CORP\\Administrator', resourceUri: RESOURCES.cmd });
    await ask(winrm, { action: 'Command', ...shell(id), body: line('hostname') });
    const second = await ask(winrm, { action: 'Command', ...shell(id), body: line('hostname') });
    expect(second.fault?.code).toBe(2150859174);
  });
});
