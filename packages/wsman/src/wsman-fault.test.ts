import { describe, expect, it } from '@jest/globals';
import { faultError, saysGone } from './wsman-errors.ts';
import { WsmanFault } from './wsman-fault.ts';
import { NS } from './wsman-namespaces.ts';
import { readEnvelope } from './wsman-soap.ts';

// Shapes of MS-WSMV 2.2.4.43 and of faults that Windows gave in the test data of jborean93/pypsrp.
function faultIn(detail: string, subcode = 'q:InvalidSelectors'): WsmanFault {
  const { fault } = readEnvelope(
    `<S:Envelope xmlns:S="${NS.s}" xmlns:q="${NS.w}"><S:Body><S:Fault><S:Code><S:Value>S:Sender</S:Value>` +
      `<S:Subcode><S:Value>${subcode}</S:Value></S:Subcode></S:Code>` +
      `<S:Reason><S:Text xml:lang="en-US">The reason.</S:Text></S:Reason><S:Detail>${detail}</S:Detail></S:Fault></S:Body></S:Envelope>`,
  );
  return WsmanFault.read(fault!);
}

const windows = (code: number | string, message: string): string =>
  `<f:WSManFault xmlns:f="${NS.f}" Code="${code}" Machine="SERVER01"><f:Message>${message}</f:Message></f:WSManFault>`;

describe('a fault', () => {
  it('has its number, subcode and words', () => {
    expect(faultIn(windows(2150858843, 'The request for\n  the shell failed.'))).toMatchObject({
      code: 2150858843,
      subcode: `{${NS.w}}InvalidSelectors`,
      message: 'The request for the shell failed.',
    });
  });

  it('takes the words of the innermost one, and the number of the outermost', () => {
    const inner = `<f:ProviderFault provider="Shell cmd plugin" path="C:\\x.dll">${windows(5, 'Access is denied.')}</f:ProviderFault>`;
    expect(faultIn(windows(2150858843, inner))).toMatchObject({
      code: 2150858843,
      message: 'Access is denied.',
    });
  });

  it('takes the reason where there is nothing of Windows', () => {
    expect(faultIn('')).toMatchObject({ code: undefined, message: 'The reason.' });
  });

  it.each(['-1', 'x', '99999999999', ''])('has no number where that is %j', (code) => {
    expect(faultIn(windows(code, 'x')).code).toBeUndefined();
  });

  it.each([
    [2150858793, 'timeout'],
    [2150859173, 'quota'],
    [2150859238, 'quota'],
    [2150859180, 'forbidden'],
    [2150859205, 'unsupported'],
    [5, 'forbidden'],
    [1326, 'unauthenticated'],
    [1330, 'unauthenticated'],
    [1909, 'unauthenticated'],
    [1398, 'unauthenticated'],
    [2150859161, 'unsupported'],
    [4_000_000_000, 'protocol'],
  ])('%i is %s, and says what to do', (code, known) => {
    expect(faultError(faultIn(windows(code, 'words'), 'q:InternalError'))).toMatchObject({
      code: known,
      message: expect.stringContaining('words'),
      next: expect.any(String),
      details: { wsmanFault: code },
    });
  });

  it('of another service is known by its subcode', () => {
    expect(faultError(faultIn('', 'q:QuotaLimit')).code).toBe('quota');
    expect(faultError(faultIn('', 'q:AccessDenied')).code).toBe('forbidden');
  });

  const selectors = `<w:FaultDetail xmlns:w="${NS.w}">http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/UnexpectedSelectors</w:FaultDetail>`;
  it('says that a shell is gone by its number, or by its detail where there is none', () => {
    expect(saysGone(faultError(faultIn(windows(2150858843, 'x'))))).toBe(true);
    expect(saysGone(faultIn(selectors))).toBe(true);
    expect(saysGone(faultIn(''))).toBe(false);
    expect(saysGone(faultIn(`${selectors}${windows(5, 'x')}`))).toBe(false);
  });
});
