import { describe, expect, it } from '@jest/globals';
import { kerberos, negotiate, ntlm, windowsLogon } from './index.ts';
import { loadKoffi, loadLibrary } from './koffi.ts';
import { sspiLibrary } from './sspi-library.ts';
import { SystemContext, type SystemSession } from './system-context.ts';

const OIDS = ['1.2.840.113554.1.2.2'] as const;

/** A session whose step waits until it is let go. */
function waiting(): { session: SystemSession; letGo: () => void; closed: () => number } {
  let letGo = (): void => {};
  let closed = 0;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const unused = (): never => {
    throw new Error('Not used here.');
  };
  const session: SystemSession = {
    step: async () => {
      await gate;
      return { token: Buffer.from('token'), isComplete: true };
    },
    wrap: unused,
    unwrap: unused,
    sign: unused,
    verify: unused,
    sessionKey: () => Buffer.alloc(16, 1),
    close: () => {
      closed += 1;
    },
  };
  return { session, letGo, closed: () => closed };
}

describe('the library of the system', () => {
  it('is named, with what else there is, where it is missing', async () => {
    const koffi = await loadKoffi();
    expect(() => loadLibrary(koffi, ['libnowhere.so.1', 'libnowhere.so.2'])).toThrow(
      expect.objectContaining({
        name: 'AuthError',
        code: 'no-library',
        message: 'The system has no Kerberos library (libnowhere.so.1, libnowhere.so.2).',
        next: expect.stringContaining('NTLM'),
      }),
    );
    await expect(sspiLibrary('nowhere.dll')).rejects.toMatchObject({ code: 'no-library' });
  });

  it('is not looked for before it is needed', () => {
    using context = kerberos({ target: 'HTTP/localhost' });
    expect(context.isComplete).toBe(false);
    using both = negotiate({ mechanisms: [context, ntlm({ credential: { userName: 'u', password: 'p' } })] });
    expect(both.agreed).toBeUndefined();
  });

  it('knows who is logged on only on Windows', async () => {
    using context = windowsLogon({ target: 'HTTP/localhost' });
    const outcome = context.step().then(
      (token) => token !== undefined,
      (error: unknown) => error,
    );
    const expected = expect.objectContaining({ code: 'unsupported', next: expect.any(String) });
    expect(await outcome).toEqual(process.platform === 'win32' ? true : expected);
  });
});

describe('a sign-in that the library does', () => {
  it('is closed when it is disposed', async () => {
    const { session, letGo, closed } = waiting();
    const context = new SystemContext('kerberos', OIDS, async () => session);
    letGo();
    expect(await context.step()).toEqual(Buffer.from('token'));
    expect(context.sessionKey).toHaveLength(16);
    context[Symbol.dispose]();
    context[Symbol.dispose]();
    expect(closed()).toBe(1);
  });

  it('takes one step at a time, and is not closed under it, but after it', async () => {
    const { session, letGo, closed } = waiting();
    const context = new SystemContext('kerberos', OIDS, async () => session);
    const step = context.step();
    await Promise.resolve();
    await expect(context.step()).rejects.toMatchObject({ code: 'not-ready' });
    context[Symbol.dispose]();
    expect(closed()).toBe(0);
    letGo();
    await expect(step).rejects.toMatchObject({ code: 'used-up' });
    expect(closed()).toBe(1);
    expect(context.isComplete).toBe(false);
  });
});
