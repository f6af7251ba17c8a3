import { describe, expect, it } from '@jest/globals';
import { AV, utf16 } from './av-pairs.ts';
import { hmacMd5, sealingKey, signingKey } from './ntlm-keys.ts';
import { NtlmAcceptor } from './ntlm-acceptor.ts';
import { TestClient, type ClientOptions } from './ntlm-client.test.support.ts';
import type { NtlmAcceptorOptions, NtlmFaults } from './ntlm-settings.ts';
import { Rc4 } from './rc4.ts';
import { SPECIFICATION } from './vectors.test.support.ts';

const USER = { userName: 'jdoe', domain: 'CORP', password: 'Secret123' };
const BINDING = Buffer.alloc(16, 7);

function signIn(
  client: Partial<ClientOptions> = {},
  server: Partial<NtlmAcceptorOptions> = {},
  channelBinding?: Uint8Array,
) {
  const acceptance = new NtlmAcceptor({ users: [USER], ...server }).accept({ channelBinding });
  const initiator = new TestClient({ user: USER, ...client });
  const { token } = acceptance.step(initiator.negotiate);
  const step = acceptance.step(initiator.authenticate(token));
  return { acceptance, initiator, step };
}

const reason = (...given: Parameters<typeof signIn>): unknown => {
  try {
    return signIn(...given).step;
  } catch (error) {
    return (error as { reason?: unknown }).reason;
  }
};

describe('the exchange of MS-NLMP 4.2.4', () => {
  const accept = (change: Partial<NtlmAcceptorOptions> = {}) => {
    const acceptance = new NtlmAcceptor({
      users: [SPECIFICATION.user],
      serverChallenge: () => SPECIFICATION.serverChallenge,
      clock: { now: () => SPECIFICATION.time },
      ...change,
    }).accept();
    acceptance.step(SPECIFICATION.negotiate);
    acceptance.step(SPECIFICATION.authenticate);
    return acceptance;
  };

  it('is accepted, and both have its key', () => {
    const { user, sessionKey, facts } = accept();
    expect(user?.userName).toBe('User');
    expect(Buffer.from(sessionKey)).toEqual(SPECIFICATION.exportedKey);
    expect(facts).toMatchObject({ workstation: 'COMPUTER', hasMic: false });
  });

  it('is refused with another password, another challenge, today, and where a MIC is demanded', () => {
    const users = [{ ...SPECIFICATION.user, password: 'password' }];
    expect(() => accept({ users })).toThrow('password');
    expect(() => accept({ serverChallenge: () => Buffer.alloc(8) })).toThrow('password');
    expect(() => accept({ clock: Date })).toThrow('clocks');
    expect(() => accept({ isMicRequired: true })).toThrow('MIC');
  });
});

describe('who is accepted', () => {
  it.each([
    ['with domain', {}],
    ['in other capitals', { userName: 'JDoe', domain: 'corp' }],
    ['by DNS domain', { domain: 'corp.example' }],
    ['without domain', { domain: '' }],
    ['as user@domain', { userName: 'jdoe@corp.example', domain: '' }],
  ])('a user %s', (_, names) => {
    const { step, acceptance, initiator } = signIn({ user: { ...USER, ...names } });
    expect(step).toEqual({ done: true, user: USER });
    expect(acceptance.sessionKey).toEqual(initiator.exportedKey);
    expect(acceptance.facts.hasMic).toBe(true);
  });

  it('says what the client asked for', () => {
    const { acceptance } = signIn({ pairs: [[AV.targetName, utf16('HTTP/server01')]] });
    expect(acceptance.facts).toMatchObject({ targetName: 'HTTP/server01', workstation: 'CLIENT' });
  });

  it.each([
    ['a wrong password', { ...USER, password: 'secret123' }],
    ['an unknown user', { ...USER, userName: 'nobody' }],
    ['a user of another domain', { ...USER, domain: 'OTHER' }],
    ['an anonymous user', { userName: '', domain: '', password: '' }],
  ])('not %s', (_, user) => {
    expect(reason({ user })).toBe('logonFailure');
  });

  it.each(['passwordExpired', 'passwordMustChange', 'accountLockedOut', 'accountDisabled'] as const)(
    'not an account with %s, which a wrong password does not learn',
    (refusal) => {
      const users = [{ ...USER, refusal }];
      expect(reason({}, { users })).toBe(refusal);
      expect(reason({ user: { ...USER, password: 'wrong' } }, { users })).toBe('logonFailure');
    },
  );

  it('not a name for another service', () => {
    const server = { servicePrincipalNames: ['HTTP/server01'] };
    const asking = (name: string) => ({ pairs: [[AV.targetName, utf16(name)] as const] });
    expect(reason(asking('HTTP/other'), server)).toBe('logonFailure');
    expect(reason(asking('http/SERVER01'), server)).toMatchObject({ done: true });
  });
});

describe('what is refused of the messages', () => {
  it('a MIC with a flipped bit, or announced and missing', () => {
    const flip = (message: Buffer) => void (message[75]! ^= 1);
    expect(reason({ change: flip })).toBe('logonFailure');
    expect(reason({ change: (message) => message.fill(0, 72, 88) })).toBe('logonFailure');
    const announced = [[AV.flags, Buffer.of(2, 0, 0, 0)] as const];
    expect(reason({ noMic: true, pairs: announced })).toBe('logonFailure');
    expect(reason({ noMic: true })).toMatchObject({ done: true });
  });

  it('flags that were taken out on the way', () => {
    expect(reason({ flags: (0xe2888237 & ~0x20000000) >>> 0 })).toBe('notSupported');
    const drop = (message: Buffer) => void (message[62]! &= ~0x08);
    expect(reason({ change: drop })).toBe('notSupported');
  });

  it('fields outside of the message, and NTLMv1', () => {
    expect(reason({ change: (message) => message.writeUInt32LE(100_000, 24) })).toBe('invalidParameter');
    expect(reason({ change: (message) => message.writeUInt16LE(24, 20) })).toBe('logonFailure');
  });

  it('messages out of turn', () => {
    const acceptance = new NtlmAcceptor({ users: [USER] }).accept();
    const client = new TestClient({ user: USER });
    const { token } = acceptance.step(client.negotiate);
    expect(() => acceptance.sessionKey).toThrow('yet');
    expect(() => acceptance.step(client.negotiate)).toThrow('type 3');
    acceptance.step(client.authenticate(token));
    expect(() => acceptance.step(client.negotiate)).toThrow('already');
  });
});

describe('channel binding', () => {
  const bound = (value: Uint8Array) => ({ pairs: [[AV.channelBinding, value] as const] });

  it.each([
    ['supported', 'right', bound(BINDING), 'done'],
    ['supported', 'wrong', bound(Buffer.alloc(16, 8)), 'badBindings'],
    ['supported', 'missing', {}, 'done'],
    ['supported', 'zero', bound(Buffer.alloc(16)), 'done'],
    ['required', 'right', bound(BINDING), 'done'],
    ['required', 'wrong', bound(Buffer.alloc(16, 8)), 'badBindings'],
    ['required', 'missing', {}, 'badBindings'],
    ['required', 'zero', bound(Buffer.alloc(16)), 'badBindings'],
    ['off', 'wrong', bound(Buffer.alloc(16, 8)), 'done'],
  ] as const)('%s, and it is %s', (channelBinding, _, client, outcome) => {
    const result = reason(client, { channelBinding }, BINDING);
    if (outcome === 'done') expect(result).toMatchObject({ done: true });
    else expect(result).toBe(outcome);
  });
});

describe('hostile servers', () => {
  const challengeOf = (faults: NtlmFaults): Buffer => {
    const acceptance = new NtlmAcceptor({ users: [USER], faults }).accept();
    return Buffer.from(acceptance.step(new TestClient({ user: USER }).negotiate).token ?? []);
  };

  it('drop flags, and go on', () => {
    const dropFlags = ['SIGN', 'SEAL', 'KEY_128', 'KEY_EXCHANGE', 'EXTENDED_SESSION_SECURITY'] as const;
    expect(challengeOf({ dropFlags }).readUInt32LE(20) & 0x60080030).toBe(0);
    const { step, acceptance, initiator } = signIn({}, { faults: { dropFlags } });
    expect(step.done).toBe(true);
    expect(acceptance.sessionKey).toEqual(initiator.exportedKey);
  });

  it('send bad target information, or none of it', () => {
    const whole = challengeOf({});
    expect(challengeOf({ targetInfo: 'none' }).readUInt16LE(40)).toBe(0);
    expect(challengeOf({ targetInfo: 'nameless' }).readUInt16LE(40)).toBe(16);
    expect(challengeOf({ targetInfo: 'endless' }).length).toBe(whole.length - 4);
    expect(challengeOf({ noTimestamp: true }).length).toBe(whole.length - 12);
    expect(challengeOf({ challenge: Buffer.of(1, 2) })).toEqual(Buffer.of(1, 2));
  });

  it.each([
    ['signature', { tamper: 'signature' }],
    ['data', { tamper: 'data' }],
    ['key', { wrongKey: true }],
  ] as const)('spoil the %s', (_, faults) => {
    const good = signIn();
    const bad = signIn({}, { faults });
    for (const { acceptance } of [good, bad]) expect(acceptance.sessionKey).toHaveLength(16);
    const { data, token } = bad.acceptance.wrap(Buffer.from('text'));
    expect(opens(bad.initiator.exportedKey, data, token)).toBe(false);
    const fine = good.acceptance.wrap(Buffer.from('text'));
    expect(opens(good.initiator.exportedKey, fine.data, fine.token)).toBe(true);
  });

  it('replay sequence numbers', () => {
    const { acceptance } = signIn({}, { faults: { replaySequence: true } });
    const numbers = [1, 2].map(() => Buffer.from(acceptance.sign(Buffer.of(1))).readUInt32LE(12));
    expect(numbers).toEqual([0, 0]);
  });
});

/** Whether the first message from the server is what a client with this key can open. */
function opens(exportedKey: Uint8Array, data: Uint8Array, token: Uint8Array): boolean {
  const stream = new Rc4(sealingKey(exportedKey, 'server-to-client', 0x20000000));
  const plain = stream.apply(data);
  const checksum = hmacMd5(signingKey(exportedKey, 'server-to-client'), Buffer.alloc(4), plain);
  return plain.toString() === 'text' && stream.apply(checksum.subarray(0, 8)).equals(token.subarray(4, 12));
}

describe('a client of another alphabet', () => {
  it('gets the names in it', () => {
    const acceptance = new NtlmAcceptor({ users: [USER] }).accept();
    const { negotiate } = new TestClient({ user: USER, flags: 0xe2889032 });
    const challenge = Buffer.from(acceptance.step(negotiate).token ?? []);
    expect(challenge.readUInt32LE(20) & 0x8207).toBe(0x8206);
    expect(challenge.toString('latin1', 56, 60)).toBe('CORP');
  });
});
