import { describe, expect, it } from '@jest/globals';
import type { FakeAppliance } from './fake-appliance.ts';
import { faults } from './faults.ts';
import { call, logIn, logOut, probe, startAppliance } from './https-call.test.support.ts';

const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };

describe('scope', () => {
  it('strikes by method, path and number, the oldest fault first', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    const second = appliance.inject(faults.badGateway());
    const first = appliance.inject(faults.serverError(), { path: '/rest/version', times: 1 });
    second.remove();
    appliance.inject(faults.badGateway(), { method: 'GET', times: 2 });
    appliance.inject(faults.serverError(), { times: 0 });

    const statuses: number[] = [];
    for (const path of ['/rest/server-hardware', '/rest/version', '/rest/version/?a=b', '/rest/version']) {
      statuses.push((await call(appliance, 'GET', path, { token })).status);
    }
    expect(statuses).toEqual([502, 500, 502, 200]);
    expect([first.hits, second.hits]).toEqual([1, 0]);
    appliance.inject(faults.serverError());
    appliance.removeFaults();
    expect((await logOut(appliance, token)).status).toBe(204);
  });
});

describe('a busy appliance', () => {
  const progress = async (appliance: FakeAppliance) =>
    (await call(appliance, 'GET', '/rest/appliance/progress')).json;

  it('answers 503 so many times, and shows how it starts up', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    appliance.inject(faults.busy(), { times: 4 });
    expect((await logOut(appliance, token)).status).toBe(503);
    expect(await progress(appliance)).toEqual({
      completeComponents: 15,
      totalComponents: 60,
      percentComplete: 25,
    });
    expect(await progress(appliance)).toEqual({
      completeComponents: 30,
      totalComponents: 60,
      percentComplete: 50,
    });
    expect((await call(appliance, 'GET', '/rest/version')).status).toBe(503);
    expect(await progress(appliance)).toEqual({
      completeComponents: 60,
      totalComponents: 60,
      percentComplete: 100,
    });
    expect(appliance.openSessionCount).toBe(1);
    expect((await logOut(appliance, token)).status).toBe(204);
  });

  it('can be busy for ever, and for one path only', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    const busy = appliance.inject(faults.busy(), LOGOUT);
    for (let round = 0; round < 70; round += 1)
      expect((await progress(appliance))['percentComplete']).toBeLessThan(100);
    expect([(await logOut(appliance, token)).status, await probe(appliance, token)]).toEqual([503, 200]);
    busy.remove();
    expect((await progress(appliance))['percentComplete']).toBe(100);
  });
});
