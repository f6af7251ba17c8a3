import {
  NtlmAcceptor,
  SpnegoAcceptor,
  type Acceptance,
  type NtlmAcceptorOptions,
} from '@slipline/windows-auth/testing';

/** Makes the server's side of one handshake: raw NTLM, or SPNEGO. */
export type Accept = (mechanism: 'ntlm' | 'negotiate') => Acceptance;

/** Lets these users in, with separate keys for every handshake. */
export function accepting(options: NtlmAcceptorOptions): Accept {
  const ntlm = new NtlmAcceptor(options);
  const spnego = new SpnegoAcceptor(ntlm);
  return (mechanism) => (mechanism === 'ntlm' ? ntlm : spnego).accept();
}
