import { describe, expect, it } from '@jest/globals';
import { selfSigned } from './certificates.test.support.ts';
import { connectCredssp, startCredssp } from './credssp-acceptor.test.support.ts';

describe('credssp', () => {
  it.each([
    ['bare NTLM', false],
    ['NTLM in SPNEGO', true],
  ])('signs in with %s inside, delegates the password, and seals', async (_name, isWrapped) => {
    await using server = await startCredssp();
    await using client = await connectCredssp(server.port, 'Secret123', isWrapped);
    await client.signIn();
    expect(await server.delegated).toEqual(['CORP', 'jdoe', 'Secret123']);
    expect(client.context.sessionKey).toHaveLength(16);
    for (const text of ['', 'one', 'zwei ü', 'x'.repeat(16_384)]) {
      expect((await client.echo(Buffer.from(text || ' '))).toString()).toBe(text || ' ');
    }
  });

  it('splits what it seals into 16 octets and the rest, 29 more than the clear text', async () => {
    await using server = await startCredssp();
    await using client = await connectCredssp(server.port);
    await client.signIn();
    const { token, data } = client.context.wrap(Buffer.alloc(1000));
    expect([token.length, data.length]).toEqual([16, 1000 + 13]);
    const large = client.context.wrap(Buffer.alloc(40_000));
    expect(large.token.length + large.data.length).toBe(40_000 + 3 * 29);
  });

  it.each(['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'])('speaks %s', async (ciphers) => {
    await using server = await startCredssp({ ciphers });
    await using client = await connectCredssp(server.port);
    await client.signIn();
    expect((await client.echo(Buffer.from('hello'))).toString()).toBe('hello');
  });

  it('takes tokens in pieces of any size', async () => {
    await using server = await startCredssp();
    await using client = await connectCredssp(server.port);
    await client.signIn(7);
    expect(await server.delegated).toEqual(['CORP', 'jdoe', 'Secret123']);
  });

  it('says that the password is wrong, and does not delegate it', async () => {
    await using server = await startCredssp();
    await using client = await connectCredssp(server.port, 'Wrong123');
    await expect(client.signIn()).rejects.toMatchObject({
      code: 'refused',
      message: 'The user name or password is wrong.',
    });
  });

  it('gives nothing to who is in between', async () => {
    await using server = await startCredssp({ boundTo: selfSigned('rsa') });
    await using client = await connectCredssp(server.port);
    let isDelegated = false;
    void server.delegated.then(() => (isDelegated = true));
    await expect(client.signIn()).rejects.toMatchObject({ code: 'wrong-key' });
    expect(isDelegated).toBe(false);
  });

  it.each([
    ['a version that cannot prove its key', { version: 4 }, 'downgrade'],
    ['a locked account', { errorCode: 0xc0000234 }, 'refused'],
    ['a clock that is wrong', { errorCode: 0xc0000133 }, 'clock-skew'],
    ['an unknown number', { errorCode: 0xc0001234 }, 'refused'],
    ['something other than DER', { garbage: Buffer.from('hello') }, 'bad-token'],
    ['a message of 1 GiB', { garbage: Buffer.from('308440000000', 'hex') }, 'bad-token'],
    ['TLS 1.3 only', { maxVersion: 'TLSv1.3' as const }, 'unsupported'],
    ['no cipher in common', { ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' }, 'unsupported'],
  ])('refuses %s', async (_name, faults, code) => {
    await using server = await startCredssp(faults);
    await using client = await connectCredssp(server.port);
    await expect(client.signIn()).rejects.toMatchObject({ name: 'AuthError', code });
    await expect(client.context.step(Buffer.alloc(1))).rejects.toMatchObject({ code: 'used-up' });
  });

  it('throws on a record that was changed, and is used up', async () => {
    await using server = await startCredssp();
    await using client = await connectCredssp(server.port);
    await client.signIn();
    const { token, data } = client.context.wrap(Buffer.from('mine'));
    expect(() => client.context.unwrap({ token, data })).toThrow(
      expect.objectContaining({ code: 'tampered' }),
    );
    expect(() => client.context.wrap(Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'used-up' }));
  });

  it('refuses an answer that is no TLS', async () => {
    await using server = await startCredssp();
    await using client = await connectCredssp(server.port);
    await client.context.step();
    await expect(client.context.step(Buffer.from('HTTP/1.1 200 OK\r\n'))).rejects.toMatchObject({
      code: 'bad-token',
    });
  });

  it.each([
    ['the end of a handshake that never began', '16030300040e000000'],
    ['a change of cipher before there is one', '140303000101' + '1603030004deadbeef'],
    ['half of what it sealed', '140303000101' + '160303001c' + '00'.repeat(28)],
    ['an alert', '15030300020228'],
    ['a hello that is cut off', '160303000a0200000600000000' + '0000' + '16030300040e000000'],
  ])('does not wait for ever after %s', async (_name, hex) => {
    await using server = await startCredssp();
    await using client = await connectCredssp(server.port);
    await client.context.step();
    const goesOn = async () => {
      // An alert of ours may be to send before.
      await client.context.step(Buffer.from(hex, 'hex'));
      await client.context.step(Buffer.from('16030300040e000000', 'hex'));
    };
    await expect(goesOn()).rejects.toMatchObject({ name: 'AuthError', code: 'unsupported' });
  });
});
