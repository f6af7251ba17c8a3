import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '@slipline/core';
import { readChallenges } from './wsman-challenge.ts';
import { Digest } from './wsman-digest.ts';

const MUFASA = { userName: 'Mufasa', password: new Secret('Circle of Life') };
// The challenges of RFC 7616 §3.9.1.
const REALM = 'Digest realm="http-auth@example.org", qop="auth, auth-int"';
const NONCE =
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

const digestOf = (...lines: string[]): Digest => Digest.of(readChallenges(lines), MUFASA);
const fieldsOf = (header: string): Record<string, string> => readChallenges([header])[0]?.parameters ?? {};

describe('Digest', () => {
  it.each([
    ['SHA-256', 'sha256'],
    ['MD5', 'md5'],
  ])('is answered by %s as RFC 7616 has it', (algorithm, hash) => {
    const header = digestOf(`${REALM}, algorithm=${algorithm}, ${NONCE}`).authorization('POST', '/wsman');
    const { nonce, nc, cnonce, response, uri, opaque, username } = fieldsOf(header);
    const digest = (text: string): string => createHash(hash).update(text).digest('hex');
    const secret = digest('Mufasa:http-auth@example.org:Circle of Life');
    expect(response).toBe(digest(`${secret}:${nonce}:${nc}:${cnonce}:auth:${digest('POST:/wsman')}`));
    expect([nc, uri, username]).toEqual(['00000001', '/wsman', 'Mufasa']);
    expect(opaque).toBe('FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS');
  });

  it('takes the stronger hash, and counts its answers', () => {
    const digest = digestOf(`${REALM}, algorithm=MD5, ${NONCE}`, `${REALM}, algorithm=SHA-256, ${NONCE}`);
    const [first, second] = [digest.authorization('POST', '/'), digest.authorization('POST', '/')].map(
      fieldsOf,
    );
    expect(first).toMatchObject({ algorithm: 'SHA-256', nc: '00000001' });
    expect(second).toMatchObject({ nc: '00000002' });
    expect(first?.['cnonce']).not.toBe(second?.['cnonce']);
  });

  it.each([
    ['another hash', `${REALM}, algorithm=SHA-512-256, ${NONCE}`],
    ['only what guards the body', `Digest realm="x", qop="auth-int", ${NONCE}`],
    ['no nonce', REALM],
  ])('is refused with %s', (_what, line) => {
    expect(() => digestOf(line)).toThrow('no form of Digest');
  });
});
