import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeWinrm } from './fake-winrm.ts';
import { faults } from './faults.ts';
import { RESOURCES } from './namespaces.ts';
import { FAULT_NAMES } from './wsman-faults.ts';
import { ADMINISTRATOR, ask, basic, envelope, http, IN_THE_CLEAR } from './raw-client.test.support.ts';

let winrm: FakeWinrm;
beforeEach(async () => {
  winrm = await FakeWinrm.start(IN_THE_CLEAR);
});
afterEach(() => winrm.stop());

const cmdShell = () => winrm.openShell({ owner: 'CORP\\jdoe', resourceUri: RESOURCES.cmd });
const removing = (id: string) =>
  ({ action: 'Delete', resource: RESOURCES.cmd, selectors: { ShellId: id } }) as const;
const remove = (id: string) => ask(winrm, removing(id));

/** The answer as HTTP has it. */
const raw = (id: string) =>
  http({
    url: winrm.httpUrl,
    headers: { 'content-type': 'application/soap+xml;charset=UTF-8', authorization: basic(ADMINISTRATOR) },
    body: envelope(removing(id)),
  });

describe('answers in place of the real one', () => {
  it.each([
    ['redirect', faults.redirect('http://other/'), 302, ''],
    ['html', faults.html(), 200, '<!DOCTYPE HTML>'],
    ['emptyError', faults.emptyError(), 500, ''],
    ['busy', faults.busy(), 503, ''],
    ['unauthorized', faults.unauthorized('Bearer'), 401, ''],
    ['forbidden', faults.forbidden(), 403, ''],
    ['billionLaughs', faults.billionLaughs(), 200, '<!DOCTYPE s:Envelope [<!ENTITY l0 "ha">'],
    ['deepXml', faults.deepXml(), 200, '<a><a><a>'],
    ['notXml', faults.notXml(), 200, 'no XML'],
    ['emptyEnvelope', faults.emptyEnvelope(), 200, '<s:Envelope'],
  ])('%s', async (_, fault, status, start) => {
    const { id } = cmdShell();
    const active = winrm.inject(fault, { operation: 'Delete', times: 1 });
    const answer = await raw(id);
    expect(answer.status).toBe(status);
    expect(answer.body.toString().startsWith(start)).toBe(true);
    expect(active.hits).toBe(1);
    expect(winrm.openShellCount).toBe(1);
    expect((await remove(id)).status).toBe(200);
    expect(winrm.openShellCount).toBe(0);
  });
});

describe('the real answer, spoiled', () => {
  it('has another status, or is one to another message', async () => {
    winrm.inject(faults.status(200), { times: 1 });
    expect(await remove('none')).toMatchObject({ status: 200, fault: { code: 2150858843 } });
    winrm.inject(faults.wrongRelatesTo());
    expect((await remove('none')).relatesTo).toBe('uuid:00000000-0000-0000-0000-000000000000');
  });

  it('is cut with or without saying so', async () => {
    winrm.inject(faults.truncated(), { times: 1 });
    const truncated = await raw('none');
    expect(truncated.headers['content-length']).toBe(String(truncated.body.length));
    expect(truncated.body.toString()).not.toContain('</s:Envelope>');
    winrm.inject(faults.cut());
    await expect(raw('none')).rejects.toThrow(/aborted|ECONNRESET/);
  });

  it('goes on and on', async () => {
    winrm.inject(faults.huge(3_000_000));
    expect((await raw('none')).body.length).toBeGreaterThan(3_000_000);
  });
});

describe('lies, losses and delays', () => {
  it('answers success and does nothing', async () => {
    const { id } = cmdShell();
    winrm.inject(faults.lie(), { operation: 'Delete' });
    expect(await remove(id)).toMatchObject({ status: 200, fault: undefined });
    expect(winrm.openShellCount).toBe(1);
  });

  it('lets a shell vanish between two requests', async () => {
    const { id } = cmdShell();
    winrm.inject(faults.vanish(), { operation: 'Delete' });
    expect((await remove(id)).fault?.code).toBe(2150858843);
    expect(winrm.shells()).toMatchObject([{ id, endedBy: 'removed' }]);
  });

  it('fails with any fault', async () => {
    const { id } = cmdShell();
    winrm.inject(faults.soapFault('QUOTA_MAX_SHELLS'), { times: 1 });
    expect((await remove(id)).fault).toMatchObject({ code: 2150859173, subcode: 'w:QuotaLimit' });
    expect(winrm.openShellCount).toBe(1);
  });

  it('knows every fault by a code of its own', async () => {
    const codes = new Set<number>();
    for (const name of FAULT_NAMES) {
      winrm.inject(faults.soapFault(name), { times: 1 });
      const { fault } = await remove('none');
      expect(fault?.message).not.toBe('');
      codes.add(fault?.code ?? Number.NaN);
    }
    expect(codes.size).toBe(FAULT_NAMES.length);
    expect([...codes].every((code) => code > 0 && code < 2 ** 32)).toBe(true);
  });

  it.each(['before', 'after'] as const)('loses the answer %s the work is done', async (when) => {
    const { id } = cmdShell();
    winrm.inject(faults.reset(when));
    await expect(raw(id)).rejects.toThrow(/ECONNRESET|hang up/);
    expect(winrm.openShellCount).toBe(when === 'before' ? 1 : 0);
  });

  it('hangs until it is released', async () => {
    const { id } = cmdShell();
    const hang = winrm.inject(faults.hang(), { operation: 'Delete' });
    const arrived = winrm.nextRequest('Delete');
    const answer = remove(id);
    expect(await arrived).toMatchObject({ shellId: id, user: 'CORP\\Administrator' });
    expect(winrm.openShellCount).toBe(1);
    hang.release();
    expect((await answer).status).toBe(200);
    expect(winrm.openShellCount).toBe(0);
  });

  it('strikes as often as it should, after those it leaves alone', async () => {
    const active = winrm.inject(faults.busy(), { skip: 1, times: 2 });
    const statuses = [];
    for (let round = 0; round < 4; round += 1) statuses.push((await raw('none')).status);
    expect(statuses).toEqual([500, 503, 503, 500]);
    expect(active.hits).toBe(2);
    expect(winrm.requestCounts.get('Delete')).toBe(4);
  });
});
