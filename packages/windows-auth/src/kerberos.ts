import type { PasswordCredential } from './credential.ts';
import type { Mechanism } from './mechanism.ts';
import { SystemContext, type SystemSession } from './system-context.ts';

export interface KerberosSettings {
  /** The service principal name, such as `HTTP/server`. */
  readonly target: string;
  /** Without one, whoever this program runs as: a ticket of `kinit` here, the logon on Windows. */
  readonly credential?: PasswordCredential | undefined;
  /** The channel's application data, from `channelBindingOf`. */
  readonly channelBinding?: Uint8Array | undefined;
  /** For DCE/RPC: three legs, and signed surroundings (MS-KILE 3.1.1.2). */
  readonly isDceStyle?: boolean | undefined;
}

// Microsoft's own first: a typing error of theirs that became the name Windows prefers (MS-SPNG 3.1.5.2).
const OIDS = ['1.2.840.48018.1.2.2', '1.2.840.113554.1.2.2'] as const;

/**
 * Kerberos with mutual authentication through the system's own library: GSS-API on Linux and macOS, SSPI on Windows. It, and `koffi`,
 * which calls it, are looked for at the first step; where one is missing, that step throws `no-library`.
 */
export function kerberos(settings: KerberosSettings): Mechanism {
  return new SystemContext('kerberos', OIDS, () => openSession(settings));
}

async function openSession(settings: KerberosSettings): Promise<SystemSession> {
  if (process.platform === 'win32') return (await import('./sspi-session.ts')).openSspi('Kerberos', settings);
  return (await import('./gssapi-session.ts')).openGssapi(settings);
}
