import { describe, expect, it } from '@jest/globals';
import { Api, ApiProblem } from './api.ts';

interface Sent {
  readonly path: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A service that answers with these, one after the other. */
function service(...answers: (Response | Error)[]) {
  const sent: Sent[] = [];
  let signedOut = 0;
  const fetcher = (async (path: string, options: RequestInit) => {
    const body = options.body === undefined ? undefined : (JSON.parse(options.body as string) as unknown);
    sent.push({ path, method: options.method ?? '', headers: options.headers as Headers, body });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error('no answer is left');
  }) as unknown as typeof fetch;
  return { api: new Api(fetcher, () => (signedOut += 1)), sent, signedOut: () => signedOut };
}

const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });
const me = { user: 'olga', role: 'operator', scopes: ['*'], csrfToken: 'csrf-1', version: '1', isLab: false };

describe('the API', () => {
  it('sends the token of the sign-in with what changes something, and only then', async () => {
    const { api, sent } = service(json(200, me), json(200, { items: [] }), json(201, { id: 'p' }));
    await api.signIn({ token: 't' });
    await api.get('/v1/sessions', { limit: 10, cursor: undefined, q: '' });
    await api.post('/v1/plans', { sessions: ['a'] }, 'once');
    expect(sent.map(({ headers }) => headers.get('x-csrf-token'))).toEqual([null, null, 'csrf-1']);
    expect(sent[1]?.path).toBe('/v1/sessions?limit=10');
    expect(sent[2]?.headers.get('idempotency-key')).toBe('once');
    expect(sent[2]?.body).toEqual({ sessions: ['a'] });
  });

  it('says what a problem says', async () => {
    const { api } = service(
      json(502, { code: 'unreachable', detail: 'no answer', next: 'look', system: 's1' }),
    );
    const problem = await api.get('/v1/sessions').catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({
      status: 502,
      code: 'unreachable',
      message: 'no answer',
      next: 'look',
      system: 's1',
    });
  });

  it('survives answers that are no problem documents', async () => {
    const { api } = service(
      new Response('<html>', { status: 500 }),
      json(500, ['x']),
      new TypeError('fetch failed'),
    );
    await expect(api.get('/v1/me')).rejects.toMatchObject({ status: 500, code: 'internal' });
    await expect(api.get('/v1/me')).rejects.toMatchObject({ status: 500, code: 'internal' });
    await expect(api.get('/v1/me')).rejects.toMatchObject({ status: 0, code: 'offline' });
  });

  it('tells when the sign-in has ended, but not of one that never was', async () => {
    const refused = (): Response => json(401, { code: 'unauthenticated', detail: 'who are you?' });
    const { api, signedOut } = service(refused(), refused());
    await expect(api.me()).rejects.toMatchObject({ status: 401 });
    expect(signedOut()).toBe(0);
    await expect(api.get('/v1/sessions')).rejects.toMatchObject({ status: 401 });
    expect(signedOut()).toBe(1);
  });

  it('takes an empty answer', async () => {
    const { api } = service(new Response(null, { status: 204 }));
    await expect(api.delete('/v1/watches/1')).resolves.toBeUndefined();
  });
});
