import { describe, expect, it } from '@jest/globals';
import { startAcceptor } from './acceptor.peer.test.support.ts';
import { setEnvironment } from './environment.peer.test.support.ts';
import { kerberos } from './index.ts';
import { PASSWORD, startRealm } from './realm.peer.test.support.ts';

describe('Kerberos with', () => {
  // The header that HTTP sends apart, what it adds to the data, and the session key.
  it.each([
    ['aes256-cts-hmac-sha1-96', 60, 0, 32],
    ['aes128-cts-hmac-sha1-96', 60, 0, 16],
    ['aes256-cts-hmac-sha384-192', 72, 0, 32],
    ['arcfour-hmac', 47, 1, 16],
  ])(
    '%s: signs in, and seals both ways',
    async (encryption, header, padding, key) => {
      await using realm = await startRealm(encryption);
      setEnvironment(realm.environment);
      await using acceptor = startAcceptor(realm.environment);
      const credential = { userName: 'user@TEST.LOCAL', password: PASSWORD };
      using client = kerberos({ target: 'HTTP/localhost', credential });
      expect(await acceptor.signIn(client)).toBe('user@TEST.LOCAL');
      expect(client.sessionKey).toHaveLength(key);
      expect(Buffer.from(client.sessionKey)).toEqual(await acceptor.sessionKey());
      const clear = Buffer.from('x'.repeat(1000));
      const sealed = client.wrap(clear);
      expect([sealed.token.length, sealed.data.length]).toEqual([header, clear.length + padding]);
      expect(await acceptor.unwrap(sealed)).toEqual(clear);
      expect(Buffer.from(client.unwrap(await acceptor.wrap(clear)))).toEqual(clear);
    },
    60_000,
  );
});
