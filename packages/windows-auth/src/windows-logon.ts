import { AuthError } from './errors.ts';
import type { KerberosSettings } from './kerberos.ts';
import type { SecurityContext } from './security-context.ts';
import { SystemContext, type SystemSession } from './system-context.ts';

const SPNEGO = ['1.3.6.1.5.5.2'] as const;

/**
 * SPNEGO as whoever is logged on to Windows, or as the given person, through SSPI: Windows itself chooses between Kerberos and NTLM.
 * Anywhere else the first step throws `unsupported`.
 */
export function windowsLogon(settings: KerberosSettings): SecurityContext {
  return new SystemContext('negotiate', SPNEGO, () => openSession(settings));
}

async function openSession(settings: KerberosSettings): Promise<SystemSession> {
  if (process.platform === 'win32')
    return (await import('./sspi-session.ts')).openSspi('Negotiate', settings);
  throw new AuthError('unsupported', 'Only Windows signs in as whoever is logged on.', {
    next: 'Give a user name and a password, or use a Kerberos ticket.',
  });
}
