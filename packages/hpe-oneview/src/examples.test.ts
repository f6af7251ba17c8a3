import { describe, expect, it } from '@jest/globals';
import { Secret } from '@slipline/core';
import { World } from './testing/world.test.support.ts';

const APPLIANCE = 'MyAppliance.domain.com';

describe("the examples of the cmdlet's help", () => {
  it('1: connect, with a prompt for the credential, and end exactly that session', async () => {
    await using world = await World.open({
      prompts: {
        credential: async () => ({ userName: 'Administrator', password: new Secret('fake-password') }),
      },
    });
    await world.connect();
    const connection = await world.slipline.connect('hpe-oneview', { appliance: APPLIANCE });
    const { outcomes } = await connection.disconnect();
    expect(outcomes).toMatchObject([
      { session: { endpoint: APPLIANCE }, status: 'disconnected', verification: 'verified' },
    ]);
    const { sessions } = await world.slipline.sessions();
    expect(sessions.map(({ endpoint }) => endpoint)).toEqual([world.appliance.endpoint]);
    expect(world.appliance.openSessionCount).toBe(1);
  });

  it('2: end the session whose connection number is 1', async () => {
    await using world = await World.open();
    await world.connect({ appliance: APPLIANCE });
    await world.connect();
    const { outcomes } = await world.disconnect({ appliance: '1' });
    expect(outcomes).toMatchObject([{ session: { id: '1', endpoint: APPLIANCE }, status: 'disconnected' }]);
    expect(world.appliance.openSessionCount).toBe(1);
  });

  it('3: end every session, piped', async () => {
    await using world = await World.open();
    await world.connect({ appliance: APPLIANCE });
    await world.connect();
    const { sessions } = await world.slipline.sessions({ provider: 'hpe-oneview' });
    const { outcomes } = await world.slipline.apply(await world.slipline.plan({ sessions }));
    expect(outcomes.map(({ status }) => status)).toEqual(['disconnected', 'disconnected']);
    expect(world.appliance.openSessionCount).toBe(0);
  });
});
