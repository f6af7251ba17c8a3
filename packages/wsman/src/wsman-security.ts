import type { Duplex } from 'node:stream';
import { DisconnectError } from '@slipline/core';
import {
  channelBindingOf,
  credssp,
  kerberos,
  negotiate,
  ntlm,
  type PasswordCredential,
  type SecurityContext,
} from '@slipline/windows-auth';
import { credentialOf, type WsmanCredential, type WsmanIdentity } from './wsman-sign-in.ts';
import type { WsmanTarget } from './wsman-target.ts';

/**
 * What signs in one connection; over TLS it is bound to `socket`, so that nobody can pass it on. Negotiate is NTLM for a user name and
 * password, and Kerberos for whoever this program runs as.
 */
export function securityContext(
  identity: WsmanIdentity,
  target: WsmanTarget,
  socket?: Duplex,
): SecurityContext {
  const { authentication } = identity;
  const credential = identity.credential && passwordOf(identity.credential);
  const channelBinding = socket && bindingOf(socket);
  const settings = { target: `HTTP/${target.host}`, ...(channelBinding && { channelBinding }) };
  switch (authentication) {
    case 'negotiate':
      return negotiate({
        mechanisms: [credential === undefined ? kerberos(settings) : ntlm({ ...settings, credential })],
      });
    case 'kerberos':
      return kerberos({ ...settings, ...(credential && { credential }) });
    case 'credssp': {
      const known = passwordOf(credentialOf(identity));
      // Bound to the TLS within already.
      return credssp({ credential: known, inner: ntlm({ credential: known, target: settings.target }) });
    }
    case 'basic':
    case 'digest':
    case 'certificate':
      throw new DisconnectError('internal', `${authentication} has no security context`);
    default:
      return authentication satisfies never;
  }
}

function passwordOf({ userName, password }: WsmanCredential): PasswordCredential {
  return { userName, password: () => password.reveal() };
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
