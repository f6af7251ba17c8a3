import { describe, expect, it } from '@jest/globals';
import { ADA, failureOf, GRAPH, movableClock, publicClient, startProvider } from './bench.test.support.ts';
import { faults, type DeviceState, type FakeIdentityProvider } from './testing/index.ts';
import type { DeviceCode } from './sign-in.ts';

const pollsOf = (provider: FakeIdentityProvider): readonly DeviceState[] => provider.deviceCodes();

/** A clock that lets something happen while the client waits for the n-th time. */
function clockThat(happens: Readonly<Record<number, () => void>>) {
  const clock = movableClock();
  const sleep: typeof clock.sleep = async (milliseconds, signal) => {
    happens[clock.slept.length + 1]?.();
    await clock.sleep(milliseconds, signal);
  };
  return { ...clock, sleep };
}

describe('a device code', () => {
  it('is told with the page and its end, and waited for', async () => {
    await using provider = await startProvider();
    let told: DeviceCode | undefined;
    const clock = clockThat({ 2: () => provider.approveDevice(told?.userCode ?? '', ADA.userName) });
    const { client } = publicClient(provider, { clock });
    const token = await client.signIn({
      scopes: [GRAPH],
      onDeviceCode: (code) => {
        told = code;
        // Not a poll before it is told.
        expect(provider.requestsTo('/token')).toEqual([]);
      },
    });
    expect(told).toEqual({
      userCode: expect.stringMatching(/^[A-Z]{9}$/),
      verificationUri: `${provider.origin}/common/oauth2/deviceauth`,
      expiresAt: expect.any(Number),
    });
    expect([clock.slept, pollsOf(provider)[0]?.polls]).toEqual([[5000, 5000], 3]);
    expect(token.account?.userName).toBe(ADA.userName);
  });

  it('is asked about more slowly when the service wants that', async () => {
    await using provider = await startProvider();
    let userCode = '';
    const clock = clockThat({ 3: () => provider.approveDevice(userCode, ADA.userName) });
    await publicClient(provider, { clock }).client.signIn({
      scopes: [GRAPH],
      onDeviceCode: (code) => {
        ({ userCode } = code);
        provider.slowDown(userCode, 1);
      },
    });
    expect(clock.slept).toEqual([10_000, 10_000, 10_000]);
  });

  it('is not asked about without a pause, even if the service wants that', async () => {
    await using provider = await startProvider({ settings: { deviceCode: { lifetime: 900, interval: 0 } } });
    let userCode = '';
    const clock = clockThat({ 3: () => provider.approveDevice(userCode, ADA.userName) });
    const onDeviceCode = (code: DeviceCode): void => {
      ({ userCode } = code);
    };
    await publicClient(provider, { clock }).client.signIn({ scopes: [GRAPH], onDeviceCode });
    expect(clock.slept).toEqual([1000, 1000, 1000]);
  });

  it('is declined', async () => {
    await using provider = await startProvider();
    const { client, partition } = publicClient(provider);
    const onDeviceCode = ({ userCode }: DeviceCode) => provider.declineDevice(userCode);
    expect(await failureOf(client.signIn({ scopes: [GRAPH], onDeviceCode }))).toMatchObject({
      code: 'declined',
    });
    expect(partition.text).toBeUndefined();
  });

  it('expires at the service', async () => {
    let ahead = 0;
    await using provider = await startProvider({ clock: { now: () => Date.now() + ahead } });
    const { client } = publicClient(provider);
    const onDeviceCode = () => {
      ahead = 900_000;
    };
    expect(await failureOf(client.signIn({ scopes: [GRAPH], onDeviceCode }))).toMatchObject({
      code: 'code-expired',
      aadsts: 70019,
    });
  });

  it('is not waited for past its end, even if the service forgets', async () => {
    await using provider = await startProvider({ settings: { deviceCode: { lifetime: 12, interval: 5 } } });
    const clock = movableClock();
    const { client } = publicClient(provider, { clock });
    const pending = client.signIn({ scopes: [GRAPH], onDeviceCode: () => undefined });
    expect(await failureOf(pending)).toMatchObject({ code: 'code-expired' });
    expect(clock.slept).toEqual([5000, 5000]);
  });

  it('is given up with the signal while it is waited for', async () => {
    await using provider = await startProvider();
    const controller = new AbortController();
    const reason = new Error('enough');
    const clock = clockThat({ 1: () => controller.abort(reason) });
    const { client } = publicClient(provider, { clock });
    const pending = client.signIn({
      scopes: [GRAPH],
      onDeviceCode: () => undefined,
      signal: controller.signal,
    });
    expect(await failureOf(pending)).toBe(reason);
  });

  it('that cannot be told ends the sign-in, in the words of whoever tried', async () => {
    await using provider = await startProvider();
    const reason = new Error('no terminal');
    const pending = publicClient(provider).client.signIn({
      scopes: [GRAPH],
      onDeviceCode: () => Promise.reject(reason),
    });
    expect(await failureOf(pending)).toBe(reason);
    expect(provider.requestsTo('/token')).toEqual([]);
  });

  it('needs somebody to be told', async () => {
    await using provider = await startProvider();
    await expect(publicClient(provider).client.signIn({ scopes: [GRAPH] })).rejects.toMatchObject({
      code: 'sign-in-required',
    });
  });
});

describe('what is no device code is not told to anybody', () => {
  const whole = {
    user_code: 'ABCDEFGHJ',
    device_code: 'd',
    verification_uri: 'https://microsoft.com/devicelogin',
    expires_in: 900,
    interval: 5,
  };

  it.each([
    ['nothing at all', {}],
    ['no user code', { ...whole, user_code: undefined }],
    ['a user code that commands a terminal', { ...whole, user_code: '\u001b[2J' }],
    ['no device code', { ...whole, device_code: undefined }],
    ['a page without https', { ...whole, verification_uri: 'http://microsoft.com/devicelogin' }],
    ['a page that is a script', { ...whole, verification_uri: 'javascript:alert(1)' }],
    ['no end', { ...whole, expires_in: undefined }],
    ['an end in a year', { ...whole, expires_in: 31_536_000 }],
    ['an interval below zero', { ...whole, interval: -1 }],
    ['an interval of a day', { ...whole, interval: 86_400 }],
  ])('%s', async (_what, body) => {
    await using provider = await startProvider();
    const headers = { 'content-type': 'application/json' };
    provider.inject(faults.answer({ status: 200, headers, body: JSON.stringify(body) }), {
      path: '/devicecode',
    });
    const told: DeviceCode[] = [];
    const onDeviceCode = (code: DeviceCode) => void told.push(code);
    const pending = publicClient(provider).client.signIn({ scopes: [GRAPH], onDeviceCode });
    expect(await failureOf(pending)).toMatchObject({ code: 'bad-answer' });
    expect(told).toEqual([]);
  });
});
