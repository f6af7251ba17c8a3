import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTestServer, type TestServer } from './server.test.support.ts';

let server: TestServer;

beforeEach(async () => {
  server = await openTestServer();
});

afterEach(async () => server[Symbol.asyncDispose]());

describe('who may come in', () => {
  it('knows the holder of a key', async () => {
    const ask = await server.as({ user: 'vera', role: 'viewer', scopes: ['wsman:server*'] });
    const answer = await ask('GET', '/v1/me');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      user: 'vera',
      role: 'viewer',
      scopes: ['wsman:server*'],
      isLab: false,
    });
    expect(answer.json()).not.toHaveProperty('csrfToken');
  });

  it('refuses somebody without one, in a problem document', async () => {
    const answer = await server.ask('GET', '/v1/me');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: 'urn:slipline:error:unauthenticated',
      status: 401,
      code: 'unauthenticated',
    });
  });

  it('shows the audit to the auditor only', async () => {
    const viewer = await server.as({ role: 'viewer' });
    const refused = await viewer('GET', '/v1/audit');
    expect(refused.statusCode).toBe(403);
    const auditor = await server.as({ role: 'auditor', user: 'anna' });
    const answer = await auditor('GET', '/v1/audit?limit=5');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      items: [{ user: 'olga', what: 'request refused', detail: 'GET /v1/audit as viewer' }],
    });
  });
});
