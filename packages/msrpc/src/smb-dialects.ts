/** Dialects of SMB 2 and 3, with their number on the wire (MS-SMB2 2.2.3). */
export const SMB_DIALECTS = {
  '2.0.2': 0x0202,
  '2.1': 0x0210,
  '3.0': 0x0300,
  '3.0.2': 0x0302,
  '3.1.1': 0x0311,
} as const;

export type SmbDialect = keyof typeof SMB_DIALECTS;
export type SmbCipher = 'aes-128-ccm' | 'aes-128-gcm' | 'aes-256-ccm' | 'aes-256-gcm';
export type SmbSigning = 'hmac-sha256' | 'aes-cmac' | 'aes-gmac';

export function dialectOf(number: number): SmbDialect | undefined {
  return (Object.keys(SMB_DIALECTS) as SmbDialect[]).find((dialect) => SMB_DIALECTS[dialect] === number);
}
