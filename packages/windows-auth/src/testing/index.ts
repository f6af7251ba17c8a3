export { channelBindingOf } from './channel-binding.ts';
export {
  NtlmAcceptor,
  type Acceptance,
  type AcceptOptions,
  type AcceptStep,
  type ClientFacts,
  type NtlmAcceptance,
} from './ntlm-acceptor.ts';
export { NTLM_FLAGS, type NtlmFlag } from './ntlm-flags.ts';
export type { NtlmAcceptorOptions, NtlmFaults, NtlmUser, TargetNames } from './ntlm-settings.ts';
export { AuthRefusal, NT_STATUS, type RefusalReason } from './refusal.ts';
export { SpnegoAcceptor, type SpnegoAcceptance, type SpnegoFaults } from './spnego-acceptor.ts';
export {
  CredsspAcceptor,
  type CredsspAcceptance,
  type CredsspAcceptorOptions,
  type CredsspFaults,
} from './credssp-acceptor.ts';
export type { TlsIdentity } from './tls-channel.ts';
export type { DelegatedCredential } from './ts-request.ts';
