export { EFFECTS, isEffect, type Effect } from './effect.ts';
export {
  DisconnectError,
  ERROR_CODES,
  type DisconnectErrorOptions,
  type ErrorCode,
  type ErrorJson,
} from './errors.ts';
export {
  CLOCK,
  DIAL,
  FETCH,
  LOG,
  OPTIONS,
  type ClientCertificate,
  type Clock,
  type DialTarget,
  type Host,
  type Logger,
  type TlsTarget,
} from './host.ts';
export type { JsonObject, JsonValue } from './json.ts';
export {
  ENTRY_STATES,
  SCOPES,
  type Begun,
  type CredentialStore,
  type EntryFilter,
  type EntryState,
  type Ledger,
  type LedgerEntry,
  type OpenIntent,
  type Opener,
  type OperationIntent,
  type OperationResult,
  type OperationStatus,
  type Receipt,
  type ReceiptFilter,
  type Scope,
  type TrustEntry,
  type TrustStore,
} from './ledger.ts';
export type { Outcome, Problem, Report, Residual, SkipReason, Verification } from './outcome.ts';
export { parseParameters, type Parameter, type ParameterTable, type Values } from './parameters.ts';
export type { Plan, PlanStep } from './plan.ts';
export {
  CONTRACT,
  defineProvider,
  type Access,
  type Action,
  type AnyPlugin,
  type CallContext,
  type Cmdlet,
  type ConnectContext,
  type Credential,
  type Disconnected,
  type FindContext,
  type Notice,
  type Opened,
  type Provider,
  type ProviderPlugin,
  type RecordField,
  type Renewal,
  type WantedCredential,
} from './provider.ts';
export { recordOf } from './record.ts';
export { Secret } from './secret.ts';
export {
  OWNERSHIPS,
  SESSION_STATES,
  sessionKey,
  type Ownership,
  type Session,
  type SessionRef,
  type SessionState,
} from './session.ts';

export { givenCredential, type CredentialRequest, type GivenCredential, type Prompts } from './calls.ts';
export { systemClock } from './clock.ts';
export type { ConnectOptions } from './connector.ts';
export { dangerOf, type Danger } from './danger.ts';
export type { ApplyOptions, DisconnectEvent } from './disconnector.ts';
export type { FindOptions } from './finder.ts';
export * as ledgerRecords from './ledger-records.ts';
export * as ledgerRules from './ledger-rules.ts';
export { MemoryLedger } from './memory-ledger.ts';
export type { NetworkOptions, ResolveRule } from './network/dialer.ts';
export { parsePin } from './network/pin.ts';
export type { CertificateFacts, Expectation } from './network/trust.ts';
export type { ProxySettings } from './network/proxy.ts';
export type { DisconnectRequest, PlanOptions, SelectorRequest, SessionsRequest } from './planner.ts';
export { parsePlan, parseSessionRefs } from './plan-file.ts';
export type { LazyPlugin } from './registry.ts';
export { Slipline, type SessionList, type SessionQuery, type SliplineOptions } from './slipline.ts';
export type { CleanupOptions, CleanupReport, KeptSession } from './cleaner.ts';
export type { OpenSession } from './open-session.ts';
export { plainText } from './text.ts';
export type { UseOptions } from './session-uses.ts';
