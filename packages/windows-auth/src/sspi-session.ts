import type { KerberosSession, KerberosSettings } from './kerberos.ts';
export async function openSspi(_package: 'Kerberos', _settings: KerberosSettings): Promise<KerberosSession> {
  throw new Error('x');
}
