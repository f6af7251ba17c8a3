import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { createAuthority, type Authority, type Identity } from './authority.ts';

/** What a verifying client makes of a server: `undefined` when it accepts, else the code of its refusal. */
async function handshake(server: Identity, ca: string, servername: string): Promise<string | undefined> {
  const listener = createServer({ cert: server.certificate, key: server.privateKey }).listen(0, '127.0.0.1');
  listener.on('tlsClientError', () => undefined);
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  // An address as `servername` is checked as an address, without SNI.
  const target = /^[\d.]+$/.test(servername) ? { host: servername } : { host: '127.0.0.1', servername };
  const socket: TLSSocket = connect({ ...target, port: address.port, ca });
  try {
    await once(socket, 'secureConnect');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
    listener.close();
  }
}

describe('createAuthority', () => {
  it('issues certificates that TLS accepts for each name and address', async () => {
    const authority = await createAuthority();
    const server = await authority.issue({
      commonName: 'appliance',
      names: ['appliance.test', '127.0.0.1', '::1'],
    });
    expect(await handshake(server, authority.certificate, 'appliance.test')).toBeUndefined();
    expect(await handshake(server, authority.certificate, '127.0.0.1')).toBeUndefined();
    expect(await handshake(server, authority.certificate, 'other.test')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(new X509Certificate(server.certificate).checkIP('::1')).toBe('::1');
  });

  it('is not trusted by who trusts another authority of the same name', async () => {
    const [one, two] = await Promise.all([
      createAuthority({ commonName: 'CA' }),
      createAuthority({ commonName: 'CA' }),
    ]);
    const server = await one.issue({ commonName: 'a', names: ['a.test'] });
    expect(await handshake(server, two.certificate, 'a.test')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('issues expired and not yet valid certificates on request', async () => {
    const authority = await createAuthority();
    const expired = await authority.issue({
      commonName: 'old',
      names: ['old.test'],
      validFrom: new Date('2020-01-01T00:00:00Z'),
      validTo: new Date('2020-02-01T00:00:00Z'),
    });
    expect(await handshake(expired, authority.certificate, 'old.test')).toBe('CERT_HAS_EXPIRED');
    const early = await authority.issue({
      commonName: 'new',
      names: ['new.test'],
      validFrom: new Date(Date.now() + 3_600_000),
    });
    expect(await handshake(early, authority.certificate, 'new.test')).toBe('CERT_NOT_YET_VALID');
  });

  it('makes P-256 identities whose key fits the certificate, and keeps its own key', async () => {
    const authority = await createAuthority({ commonName: 'The, root' });
    const { certificate, privateKey } = await authority.issue({ commonName: 'x', names: ['x.test'] });
    const leaf = new X509Certificate(certificate);
    const root = new X509Certificate(authority.certificate);
    expect(createPrivateKey(privateKey).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(leaf.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
    expect([leaf.ca, root.ca]).toEqual([false, true]);
    expect(root.toLegacyObject().subject).toEqual(expect.objectContaining({ CN: 'The, root' }));
    expect(JSON.stringify(authority)).not.toContain('PRIVATE KEY');
  });

  it('makes self-signed certificates, as appliances ship them', async () => {
    const authority: Authority = await createAuthority();
    const factory = await authority.selfSigned({ commonName: 'ci-005056abcdef', names: ['ci-005056abcdef'] });
    const parsed = new X509Certificate(factory.certificate);
    expect(parsed.subject).toBe('CN=ci-005056abcdef');
    expect(parsed.issuer).toBe(parsed.subject);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(await handshake(factory, authority.certificate, 'ci-005056abcdef')).toBe(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    );
    expect(await handshake(factory, factory.certificate, 'ci-005056abcdef')).toBeUndefined();
  });
});
