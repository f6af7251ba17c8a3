import { timingSafeEqual } from 'node:crypto';
import { AV, decodeAvPairs } from './av-pairs.ts';
import { hmacMd5, ntlmV2Key } from './ntlm-keys.ts';
import type { Authenticate } from './ntlm-messages.ts';
import type { NtlmSettings, NtlmUser } from './ntlm-settings.ts';
import { AuthRefusal } from './refusal.ts';

/** What an NTLMv2 response proves and carries. */
export interface Logon {
  readonly user: NtlmUser;
  readonly sessionBaseKey: Buffer;
  readonly pairs: ReadonlyMap<number, Buffer>;
}

const PROOF = 16;
/** The octets of NTLMv2_CLIENT_CHALLENGE before its AV pairs (MS-NLMP 2.2.2.7). */
const CLIENT_CHALLENGE_HEAD = 28;
/** How old, or early, a response may be: what Windows allows between two clocks. */
const MAX_LIFETIME = 36 * 3_600_000;
const FILETIME_OF_1970 = 116_444_736_000_000_000n;

export function filetimeOf(milliseconds: number): bigint {
  return BigInt(milliseconds) * 10_000n + FILETIME_OF_1970;
}

/** Checks the response as the server does that keeps the accounts (MS-NLMP 3.2.5.1.2, 3.3.2). */
export function logOn(
  { users, target, clock }: NtlmSettings,
  serverChallenge: Uint8Array,
  { userName, domain, ntResponse }: Authenticate,
): Logon {
  if (ntResponse.length < PROOF + CLIENT_CHALLENGE_HEAD)
    throw new AuthRefusal('logonFailure', 'The response is LM or NTLMv1, or anonymous.');
  const clientChallenge = ntResponse.subarray(PROOF);
  const pairs = decodeAvPairs(clientChallenge.subarray(CLIENT_CHALLENGE_HEAD));
  const user = users.find((candidate) => isNamed(candidate, userName, domain, target));
  if (user === undefined) throw new AuthRefusal('logonFailure', `There is no user ${domain}\\${userName}.`);
  const key = ntlmV2Key(user.password, userName, domain);
  const proof = hmacMd5(key, serverChallenge, clientChallenge);
  if (!timingSafeEqual(proof, ntResponse.subarray(0, PROOF)))
    throw new AuthRefusal('logonFailure', 'The password is wrong.');
  const age = filetimeOf(clock.now()) - clientChallenge.readBigUInt64LE(8);
  if (age > filetimeSpan(MAX_LIFETIME) || -age > filetimeSpan(MAX_LIFETIME))
    throw new AuthRefusal('timeDifference', 'The clocks of client and server are too far apart.');
  if (user.refusal !== undefined) throw new AuthRefusal(user.refusal, 'The account may not sign in.');
  return { user, sessionBaseKey: hmacMd5(key, proof), pairs };
}

/** Refuses a channel binding that is not this connection's: another server passes on what was meant for it. */
export function checkChannelBinding(
  mode: NtlmSettings['channelBinding'],
  pairs: ReadonlyMap<number, Buffer>,
  expected: Uint8Array | undefined,
): void {
  if (mode === 'off' || expected === undefined) return;
  const received = pairs.get(AV.channelBinding);
  const isMissing = received === undefined || received.every((octet) => octet === 0);
  if (isMissing ? mode === 'required' : !received.equals(expected))
    throw new AuthRefusal('badBindings', `The channel binding is ${isMissing ? 'missing' : 'wrong'}.`);
}

function isNamed(
  user: NtlmUser,
  userName: string,
  domain: string,
  { netbiosComputer, netbiosDomain, dnsDomain, dnsComputer }: NtlmSettings['target'],
): boolean {
  const own = user.domain ?? netbiosComputer;
  const aliases = [own, '', '.'];
  if (same(own, netbiosDomain)) aliases.push(dnsDomain);
  if (same(own, netbiosComputer)) aliases.push(dnsComputer);
  if (same(user.userName, userName)) return aliases.some((alias) => same(alias, domain));
  return domain === '' && aliases.some((alias) => same(`${user.userName}@${alias}`, userName));
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function filetimeSpan(milliseconds: number): bigint {
  return BigInt(milliseconds) * 10_000n;
}
