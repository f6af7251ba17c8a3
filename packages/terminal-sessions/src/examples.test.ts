import { describe, expect, it } from '@jest/globals';
import { World } from './testing/world.test.support.ts';

describe("the examples of the cmdlet's help", () => {
  it('1: session 5 on SERVER01', async () => {
    await using world = await World.open();
    const others = [world.logOn({ userName: 'asmith' }), world.logOn({ userName: 'svc-backup' })];
    const desktop = world.logOn({ id: 5 });
    const { outcomes } = await world.disconnect({ computerName: ['SERVER01'], sessionId: [5] });
    expect(outcomes).toMatchObject([
      { session: { id: '5', principal: 'DOMAIN\\jdoe' }, status: 'disconnected', verification: 'verified' },
    ]);
    expect(desktop.state).toBe('Disconnected');
    expect(others.map(({ state }) => state)).toEqual(['Active', 'Active']);
  });

  it('2: every session of jdoe on SERVER01, piped', async () => {
    await using world = await World.open();
    const [first, other, second] = [world.logOn(), world.logOn({ userName: 'asmith' }), world.logOn()];
    const { sessions } = await world.list();
    const chosen = sessions.filter(({ details }) => details['userName'] === 'jdoe');
    const plan = await world.slipline.plan({ sessions: chosen }, world.credential);
    const { outcomes } = await world.slipline.apply(plan, world.credential);
    expect(outcomes.map(({ status }) => status)).toEqual(['disconnected', 'disconnected']);
    expect([first, other, second].map((desktop) => desktop?.state)).toEqual([
      'Disconnected',
      'Active',
      'Disconnected',
    ]);
  });
});
