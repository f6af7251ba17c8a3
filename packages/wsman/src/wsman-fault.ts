import { NS } from './wsman-namespaces.ts';
import { childOf, childrenOf, textOf, type XmlElement } from './wsman-xml.ts';

/** What a service answered instead of doing what it was asked (DSP0226 clause 14, MS-WSMV 2.2.4.43). No error by itself: a shell that
 *  is gone is an answer like others. */
export class WsmanFault {
  readonly message: string;
  /** Windows' own number of what went wrong, such as 2150858843; `undefined` from other services. */
  readonly code: number | undefined;
  /** As `{namespace}name`. */
  readonly subcode: string | undefined;
  readonly detail: string | undefined;

  constructor(message: string, code?: number, subcode?: string, detail?: string) {
    this.message = message;
    this.code = code;
    this.subcode = subcode;
    this.detail = detail;
  }

  static read(fault: XmlElement): WsmanFault {
    const detail = childOf(fault, NS.s, 'Detail');
    const subcode = childOf(childOf(childOf(fault, NS.s, 'Code'), NS.s, 'Subcode'), NS.s, 'Value');
    const outer = childOf(detail, NS.f, 'WSManFault');
    const message =
      (outer && messageOf(innermost(outer))) ||
      textOf(childOf(fault, NS.s, 'Reason'), NS.s, 'Text') ||
      'no reason was given';
    const words = message.replaceAll(/\s+/g, ' ').slice(0, 500);
    return new WsmanFault(words, codeOf(outer), subcode?.qualified, textOf(detail, NS.w, 'FaultDetail'));
  }
}

/** Numbers by the names that `wsmerror.h` gives them. */
export const FAULT = {
  timedOut: 2150858793,
  unexpectedSelectors: 2150858843,
  invalidSelectors: 2150858813,
  resourceNotFound: 2150858752,
  invalidUri: 2150858754,
  invalidResourceUri: 2150858811,
  invalidHeader: 2150858767,
  mustUnderstand: 2150858768,
  invalidContext: 2150858779,
  envelopeTooLarge: 2150858790,
  maxEnvelopeSizeExceeded: 2150858824,
  unreachable: 2150858770,
  networkTimedOut: 2150859046,
  quotaLimit: 2150858815,
  quotaMaxShells: 2150859173,
  quotaMaxOperations: 2150859174,
  quotaUser: 2150859175,
  quotaSystem: 2150859176,
  quotaMaxShellUsers: 2150859179,
  pluginQuotaFirst: 2150859236,
  pluginQuotaLast: 2150859242,
  shellsNotAllowed: 2150859180,
  shellDisconnected: 2150859204,
  disconnectNotSupported: 2150859205,
  otherClientSession: 2150859206,
  otherClient: 2150859213,
  disconnectNotGraceful: 2150859214,
  disconnectNotValid: 2150859215,
  redirect: 2150859161,
  accessDenied: 5,
  logonFailure: 1326,
  accountRestriction: 1327,
  passwordExpired: 1330,
  accountDisabled: 1331,
  passwordMustChange: 1907,
  accountLocked: 1909,
  timeSkew: 1398,
} as const;

/** The fault inside a provider's, where the outer one only says that the provider failed. */
function innermost(fault: XmlElement): XmlElement {
  let inner: XmlElement = fault;
  for (;;) {
    const provider = childOf(childOf(inner, NS.f, 'Message'), NS.f, 'ProviderFault');
    const next = provider && childrenOf(provider, NS.f, 'WSManFault')[0];
    if (next === undefined) return inner;
    inner = next;
  }
}

function messageOf(fault: XmlElement): string {
  return (childOf(fault, NS.f, 'Message')?.text ?? '').trim();
}

function codeOf(fault: XmlElement | undefined): number | undefined {
  const text = fault?.attributes['Code'] ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
