import { describe, expect, it } from '@jest/globals';
import { environmentOf, failureOf, startProvider } from './bench.test.support.ts';
import { tenantIdOf } from './tenant-id.ts';
import { CONTOSO, faults, type Fault } from './testing/index.ts';
import { trustingFetch } from './trusting-fetch.test.support.ts';

describe('the id of a tenant', () => {
  it('is asked of the directory, by domain', async () => {
    await using provider = await startProvider();
    const options = { environment: environmentOf(provider), fetch: trustingFetch };
    expect(await tenantIdOf('Contoso.com', options)).toBe(CONTOSO.id);
    expect(await tenantIdOf(CONTOSO.id.toUpperCase(), options)).toBe(CONTOSO.id);
    expect(await tenantIdOf('organizations', options)).toBe('organizations');
    expect(provider.requestCount).toBe(1);
  });

  it('of a domain that nobody has is not there', async () => {
    await using provider = await startProvider();
    const options = { environment: environmentOf(provider), fetch: trustingFetch };
    expect(await failureOf(tenantIdOf('nowhere.example', options))).toMatchObject({ code: 'unknown-tenant' });
    expect(await failureOf(tenantIdOf('../x', options))).toMatchObject({ code: 'invalid-settings' });
  });

  it.each<[string, Fault]>([
    ['a foreign issuer', faults.foreignEndpoints('https://login.elsewhere.example')],
    ['a web page', faults.html()],
    ['a redirect', faults.redirectTo('https://login.elsewhere.example/')],
    ['an abyss', faults.deepJson()],
  ])('is not taken from %s', async (_name, fault) => {
    await using provider = await startProvider();
    provider.inject(fault);
    const options = { environment: environmentOf(provider), fetch: trustingFetch };
    expect(await failureOf(tenantIdOf('contoso.com', options))).toMatchObject({
      code: expect.stringMatching(/untrusted-answer|bad-answer|foreign-host/),
    });
  });
});
