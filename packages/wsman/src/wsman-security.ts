import type { Duplex } from 'node:stream';
import { DisconnectError } from '@slipline/core';
import { channelBindingOf, negotiate, ntlm, type SecurityContext } from '@slipline/windows-auth';
import { credentialOf, type WsmanIdentity } from './wsman-sign-in.ts';
import type { WsmanTarget } from './wsman-target.ts';

/** What signs in one connection; over TLS it is bound to `socket`, so that nobody can pass it on. */
export function securityContext(
  identity: WsmanIdentity,
  target: WsmanTarget,
  socket?: Duplex,
): SecurityContext {
  const { userName, password } = credentialOf(identity);
  const credential = { userName, password: () => password.reveal() };
  const channelBinding = socket && bindingOf(socket);
  const settings = { credential, target: `HTTP/${target.host}`, ...(channelBinding && { channelBinding }) };
  switch (identity.authentication) {
    case 'negotiate':
      return negotiate({ mechanisms: [ntlm(settings)] });
    default:
      throw new DisconnectError('unsupported', `${identity.authentication} is not supported`);
  }
}

interface PeerCertificate {
  readonly raw?: Buffer;
}

/** The certificate of the server, as the channel's name (RFC 5929 §4.1). */
function bindingOf(socket: Duplex): Uint8Array | undefined {
  const { getPeerCertificate } = socket as { getPeerCertificate?: () => PeerCertificate };
  const raw = getPeerCertificate?.call(socket).raw;
  if (raw === undefined)
    throw new DisconnectError('untrusted', 'the server showed no certificate to bind the sign-in to');
  return channelBindingOf(raw);
}
