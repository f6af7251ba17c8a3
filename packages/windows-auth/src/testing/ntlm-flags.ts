/** NEGOTIATE flags (MS-NLMP 2.2.2.5). */
export const NTLM_FLAGS = {
  UNICODE: 0x1,
  OEM: 0x2,
  REQUEST_TARGET: 0x4,
  SIGN: 0x10,
  SEAL: 0x20,
  LM_KEY: 0x80,
  NTLM: 0x200,
  ALWAYS_SIGN: 0x8000,
  TARGET_TYPE_DOMAIN: 0x10000,
  TARGET_TYPE_SERVER: 0x20000,
  EXTENDED_SESSION_SECURITY: 0x80000,
  TARGET_INFO: 0x800000,
  VERSION: 0x2000000,
  KEY_128: 0x20000000,
  KEY_EXCHANGE: 0x40000000,
  KEY_56: 0x80000000,
} as const;

export type NtlmFlag = keyof typeof NTLM_FLAGS;

/** Unsigned, since flag 31 would make JavaScript's bitwise results negative. */
export function flagsOf(...names: readonly NtlmFlag[]): number {
  return names.reduce((flags, name) => (flags | NTLM_FLAGS[name]) >>> 0, 0);
}

export function hasFlags(flags: number, ...names: readonly NtlmFlag[]): boolean {
  const wanted = flagsOf(...names);
  return (flags & wanted) >>> 0 === wanted;
}
