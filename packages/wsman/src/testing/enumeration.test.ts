import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { manualClock, type ManualClock } from '@slipline/testkit';
import { FakeWinrm } from './fake-winrm.ts';
import { NAMESPACES, RESOURCES, SELECTOR_FILTER } from './namespaces.ts';
import { ask, find, IN_THE_CLEAR, PERSON, textsOf, type SoapAnswer } from './raw-client.test.support.ts';
import { child } from './xml.ts';

let clock: ManualClock;
let winrm: FakeWinrm;
beforeEach(async () => {
  clock = manualClock();
  winrm = await FakeWinrm.start({ ...IN_THE_CLEAR, clock });
});
afterEach(() => winrm.stop());

function openShells(count: number): readonly string[] {
  return Array.from(
    { length: count },
    () => winrm.openShell({ owner: 'CORP\\jdoe', resourceUri: RESOURCES.cmd }).id,
  );
}

const enumerate = (
  inner = '<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>',
  resource: string = RESOURCES.shells,
  more = '',
) => ask(winrm, { action: 'Enumerate', resource, body: `<n:Enumerate>${inner}</n:Enumerate>`, more });
const pull = (context: string, most = 20) =>
  ask(winrm, {
    action: 'Pull',
    resource: RESOURCES.shells,
    body: `<n:Pull><n:EnumerationContext>${context}</n:EnumerationContext><n:MaxElements>${most}</n:MaxElements></n:Pull>`,
  });
const release = (context: string) =>
  ask(winrm, {
    action: 'Release',
    resource: RESOURCES.shells,
    body: `<n:Release><n:EnumerationContext>${context}</n:EnumerationContext></n:Release>`,
  });

const idsOf = ({ body }: SoapAnswer) => textsOf(body, 'ShellId');
const contextOf = ({ body }: SoapAnswer) => textsOf(body, 'EnumerationContext')[0] ?? '';
const isEnd = ({ body }: SoapAnswer) => find(body, 'EndOfSequence')?.namespace;

describe('the optimised shape', () => {
  it('has all rows in one answer', async () => {
    const ids = openShells(3);
    const answer = await enumerate();
    expect(idsOf(answer)).toEqual(ids);
    expect(child(answer.body, NAMESPACES.w, 'Items')?.children).toHaveLength(3);
    expect(isEnd(answer)).toBe(NAMESPACES.w);
    expect(contextOf(answer)).toBe('');
    expect(winrm.openEnumerationCount).toBe(0);
  });

  it('has no Items where there is no shell', async () => {
    const answer = await enumerate();
    expect(find(answer.body, 'Items')).toBeUndefined();
    expect(isEnd(answer)).toBe(NAMESPACES.w);
  });

  it('begins, and Pull goes on', async () => {
    const ids = openShells(5);
    const first = await enumerate('<w:OptimizeEnumeration/><w:MaxElements>2</w:MaxElements>');
    const second = await pull(contextOf(first), 2);
    expect(winrm.openEnumerationCount).toBe(1);
    const third = await pull(contextOf(second), 2);
    expect([first, second, third].flatMap(idsOf)).toEqual(ids);
    expect([first, second, third].map(isEnd)).toEqual([undefined, undefined, NAMESPACES.n]);
    expect(winrm.openEnumerationCount).toBe(0);
  });

  it('has one row where no number is asked for', async () => {
    openShells(2);
    expect(idsOf(await enumerate('<w:OptimizeEnumeration/>'))).toHaveLength(1);
  });
});

describe('the classic shape', () => {
  it.each([
    ['asked for', '', {}],
    ['of a service that knows no other', undefined, { honoursOptimisation: false }],
  ])('%s has a context first and rows in n:Items', async (_, inner, settings) => {
    winrm.configure(settings);
    const ids = openShells(2);
    const first = await enumerate(inner);
    expect(idsOf(first)).toEqual([]);
    const second = await pull(contextOf(first));
    expect(idsOf(second)).toEqual(ids);
    expect(child(second.body, NAMESPACES.n, 'Items')).toBeDefined();
  });
});

describe('pages', () => {
  const SIZE = '<w:MaxElements>32000</w:MaxElements><w:OptimizeEnumeration/>';
  const envelopeSize = (size: number) =>
    `<w:MaxEnvelopeSize s:mustUnderstand="true">${size}</w:MaxEnvelopeSize>`;

  it('are as large as MaxEnvelopeSize allows', async () => {
    const ids = openShells(50);
    const first = await enumerate(SIZE, RESOURCES.shells, envelopeSize(20_000));
    const rows = idsOf(first).length;
    expect(rows).toBeGreaterThan(5);
    expect(rows).toBeLessThan(30);
    const rest = await pull(contextOf(first), 32_000);
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(ids);
  });

  it('may repeat the last row, and may have a context each', async () => {
    const ids = openShells(4);
    winrm.configure({ repeatsRows: true, renewsContexts: true });
    const first = await enumerate('<w:OptimizeEnumeration/><w:MaxElements>2</w:MaxElements>');
    const second = await pull(contextOf(first), 1);
    expect(idsOf(second)).toEqual(ids.slice(1, 3));
    expect(contextOf(second)).not.toBe(contextOf(first));
    expect((await pull(contextOf(first))).fault?.code).toBe(2150858779);
    expect(idsOf(await pull(contextOf(second), 1))).toEqual(ids.slice(2));
    expect(winrm.openEnumerationCount).toBe(0);
  });
});

describe('contexts', () => {
  it('go by release', async () => {
    openShells(2);
    const context = contextOf(await enumerate(''));
    expect(winrm.openEnumerationCount).toBe(1);
    expect((await release(context)).status).toBe(200);
    expect(winrm.openEnumerationCount).toBe(0);
    expect((await release(context)).fault?.code).toBe(2150858779);
  });

  it('go by time', async () => {
    openShells(2);
    const context = contextOf(await enumerate(''));
    await clock.advance(60_000);
    expect((await pull(context)).fault).toMatchObject({
      code: 2150858779,
      subcode: 'n:InvalidEnumerationContext',
    });
    expect(winrm.openEnumerationCount).toBe(0);
  });
});

describe('filters', () => {
  const filter = (id: string) =>
    `<w:OptimizeEnumeration/><w:MaxElements>9</w:MaxElements><w:Filter Dialect="${SELECTOR_FILTER}"><w:SelectorSet><w:Selector Name="ShellId">${id}</w:Selector></w:SelectorSet></w:Filter>`;

  it('belong to commands, and to nothing else', async () => {
    const [id = ''] = openShells(1);
    for (const resource of [RESOURCES.shells, RESOURCES.cmd])
      expect((await enumerate(filter(id), resource)).fault?.code).toBe(2150858776);
    expect((await enumerate('', RESOURCES.commands)).fault?.code).toBe(2150859200);
    expect((await enumerate(filter('none'), RESOURCES.commands)).fault?.code).toBe(2150858843);
    expect((await enumerate('', RESOURCES.powerShell)).fault?.code).toBe(2150858811);
    const none = await enumerate(filter(id), RESOURCES.commands);
    expect(textsOf(none.body, 'CommandId')).toEqual([]);
    const body = '<rsp:CommandLine><rsp:Command>pause</rsp:Command></rsp:CommandLine>';
    await ask(winrm, { action: 'Command', resource: RESOURCES.cmd, selectors: { ShellId: id }, body });
    const one = await enumerate(filter(id), RESOURCES.commands);
    expect(textsOf(one.body, 'CommandLine')).toEqual(['pause']);
    expect(textsOf(one.body, 'CommandState')).toEqual(['Running']);
  });
});

describe('the configuration', () => {
  const get = (resource: string, user?: typeof PERSON) => ask(winrm, { action: 'Get', resource }, user);

  it('says the limits to administrators', async () => {
    const whole = await get(RESOURCES.config);
    expect(textsOf(whole.body, 'MaxEnvelopeSizekb')).toEqual(['500']);
    expect(textsOf((await get(RESOURCES.winrsConfig)).body, 'MaxShellsPerUser')).toEqual(['30']);
    expect(textsOf((await get(RESOURCES.serviceConfig)).body, 'CbtHardeningLevel')).toEqual(['Relaxed']);
    expect((await get(RESOURCES.winrsConfig, PERSON)).fault?.code).toBe(5);
  });
});
