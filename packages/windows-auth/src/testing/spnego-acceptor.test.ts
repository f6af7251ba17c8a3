import { describe, expect, it } from '@jest/globals';
import { der, field, readDerValue, readFields } from './der.ts';
import { NtlmAcceptor } from './ntlm-acceptor.ts';
import { TestClient } from './ntlm-client.test.support.ts';
import { sealingKey, signingKey, hmacMd5 } from './ntlm-keys.ts';
import { Rc4 } from './rc4.ts';
import { AuthRefusal } from './refusal.ts';
import { SpnegoAcceptor, type SpnegoFaults } from './spnego-acceptor.ts';
import { HANDSHAKE, hex } from './vectors.test.support.ts';

const USER = { userName: 'jdoe', domain: 'CORP', password: 'Secret123' };
const SPNEGO = hex('06062b0601050502');
const NTLM = hex('060a2b06010401823702020a');
const KERBEROS = hex('06092a864886f712010202');

const init = (mechanisms: readonly Buffer[], token?: Buffer): Buffer => {
  const fields = [field(0, der(0x30, ...mechanisms))];
  if (token !== undefined) fields.push(field(2, der(0x04, token)));
  return der(0x60, SPNEGO, field(0, der(0x30, ...fields)));
};

const answer = (token?: Buffer, mic?: Buffer): Buffer => {
  const fields: Buffer[] = [];
  if (token !== undefined) fields.push(field(2, der(0x04, token)));
  if (mic !== undefined) fields.push(field(3, der(0x04, mic)));
  return field(1, der(0x30, ...fields));
};

interface Reply {
  readonly state: number | undefined;
  readonly mechanism: Buffer | undefined;
  readonly token: Buffer | undefined;
  readonly mic: Buffer | undefined;
}

const read = (token: Uint8Array | undefined): Reply => {
  const fields = readFields(readDerValue(token ?? Buffer.alloc(0), 0xa1).content);
  const octets = (number: number) => {
    const value = fields.get(number);
    return value && readDerValue(value, 0x04).content;
  };
  return { state: fields.get(0)?.at(-1), mechanism: fields.get(1), token: octets(2), mic: octets(3) };
};

const start = (faults?: SpnegoFaults) =>
  new SpnegoAcceptor(new NtlmAcceptor({ users: [USER] }), faults).accept();

/** The first signature of one side, whose stream begins anew. */
function firstMic(key: Uint8Array, direction: 'client-to-server' | 'server-to-client', data: Buffer): Buffer {
  const checksum = hmacMd5(signingKey(key, direction), Buffer.alloc(4), data).subarray(0, 8);
  const sealed = new Rc4(sealingKey(key, direction, 0x20000000)).apply(checksum);
  return Buffer.concat([Buffer.of(1, 0, 0, 0), sealed, Buffer.alloc(4)]);
}

/** Signs in with both MICs. */
function signIn(faults?: SpnegoFaults) {
  const acceptance = start(faults);
  const client = new TestClient({ user: USER });
  const challenge = read(acceptance.step(init([NTLM], client.negotiate)).token);
  const authenticate = client.authenticate(challenge.token);
  const list = der(0x30, NTLM);
  const mic = firstMic(client.exportedKey, 'client-to-server', list);
  const step = acceptance.step(answer(authenticate, mic));
  return { acceptance, client, challenge, step, list };
}

describe('wrapped tokens', () => {
  it('take the token that Windows sends', () => {
    const reply = read(start().step(HANDSHAKE.init).token);
    expect(reply.state).toBe(1);
    expect(reply.mechanism).toEqual(NTLM);
    expect(reply.token?.toString('latin1', 0, 7)).toBe('NTLMSSP');
  });

  it('end with both MICs, after which streams begin anew and counters go on', () => {
    const { acceptance, client, step, list } = signIn();
    const { state, mic, mechanism } = read(step.token);
    expect(step).toMatchObject({ done: true, user: USER });
    expect({ state, mechanism }).toEqual({ state: 0, mechanism: undefined });
    expect(mic).toEqual(firstMic(client.exportedKey, 'server-to-client', list));
    const { data, token } = acceptance.wrap(Buffer.from('text'));
    const stream = new Rc4(sealingKey(client.exportedKey, 'server-to-client', 0x20000000));
    expect(stream.apply(data).toString()).toBe('text');
    expect(Buffer.from(token).readUInt32LE(12)).toBe(1);
  });

  it('pick NTLM where Kerberos comes first, and then demand the MIC', () => {
    const acceptance = start();
    const client = new TestClient({ user: USER });
    const list = der(0x30, KERBEROS, NTLM);
    const picked = read(acceptance.step(init([KERBEROS, NTLM], Buffer.from('a ticket'))).token);
    expect(picked).toMatchObject({ state: 3, mechanism: NTLM, token: undefined });
    const challenge = read(acceptance.step(answer(client.negotiate)).token);
    const authenticate = client.authenticate(challenge.token);
    expect(acceptance.step(answer(authenticate))).toMatchObject({ done: false });
    expect(acceptance.user).toBeUndefined();
    const mic = firstMic(client.exportedKey, 'client-to-server', list);
    expect(acceptance.step(answer(undefined, mic)).done).toBe(true);
  });

  it('do without MICs where the client has none', () => {
    const acceptance = start();
    const client = new TestClient({ user: USER, noMic: true });
    const challenge = read(acceptance.step(init([NTLM], client.negotiate)).token);
    const step = acceptance.step(answer(client.authenticate(challenge.token)));
    expect(step.done).toBe(true);
    expect(read(step.token)).toMatchObject({ state: 0, mic: undefined });
  });

  it('notice a list that was changed on the way', () => {
    const acceptance = start();
    const client = new TestClient({ user: USER });
    const challenge = read(acceptance.step(init([NTLM], client.negotiate)).token);
    const mic = firstMic(client.exportedKey, 'client-to-server', der(0x30, KERBEROS, NTLM));
    expect(() => acceptance.step(answer(client.authenticate(challenge.token), mic))).toThrow('signature');
    expect(acceptance.user).toBeUndefined();
  });
});

describe('raw tokens', () => {
  it('pass through', () => {
    const acceptance = start();
    const client = new TestClient({ user: USER });
    const { token } = acceptance.step(client.negotiate);
    expect(acceptance.step(client.authenticate(token))).toEqual({ done: true, user: USER });
  });
});

describe('refusals', () => {
  const refusalOf = (work: () => unknown): AuthRefusal => {
    try {
      work();
    } catch (error) {
      if (error instanceof AuthRefusal) return error;
    }
    throw new Error('There was no refusal.');
  };

  it('say reject', () => {
    const withoutNtlm = refusalOf(() => start().step(init([KERBEROS], Buffer.from('a ticket'))));
    expect(withoutNtlm.reason).toBe('notSupported');
    const acceptance = start();
    const client = new TestClient({ user: { ...USER, password: 'wrong' } });
    const challenge = read(acceptance.step(init([NTLM], client.negotiate)).token);
    const wrong = refusalOf(() => acceptance.step(answer(client.authenticate(challenge.token))));
    expect(wrong.reason).toBe('logonFailure');
    for (const { token } of [withoutNtlm, wrong]) expect(read(token).state).toBe(2);
  });

  it.each([
    ['an empty token', ''],
    ['no DER', 'ffffffff'],
    ['a length beyond the end', '6084ffffffff00'],
    ['another mechanism', '600a06062b0601050503a000'],
    ['an answer before the question', 'a1053003a0010a'],
  ])('meet %s', (_, token) => {
    expect(refusalOf(() => start().step(hex(token))).reason).toBe('invalidParameter');
  });
});

describe('hostile servers', () => {
  it('leave out or spoil their MIC, and name another mechanism', () => {
    const good = read(signIn().step.token).mic;
    expect(good).toHaveLength(16);
    expect(read(signIn({ mechListMic: 'omit' }).step.token)).toMatchObject({ state: 0, mic: undefined });
    const { client, step, list } = signIn({ mechListMic: 'tamper' });
    expect(read(step.token).mic).not.toEqual(firstMic(client.exportedKey, 'server-to-client', list));
    const { challenge } = signIn({ supportedMech: KERBEROS.subarray(2) });
    expect(challenge.mechanism).toEqual(KERBEROS);
  });
});
