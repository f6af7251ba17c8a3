import { describe, expect, it, jest } from '@jest/globals';
import { recordOf, type Danger, type DisconnectEvent } from '@slipline/core';
import { World } from './testing/world.test.support.ts';

jest.setTimeout(30_000);

describe("the examples of the cmdlet's help", () => {
  it('1: asks for confirmation, then disconnects from both services', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect({ kind: 'ipps' });
    const asked: string[] = [];
    const confirm = async (danger: Danger): Promise<boolean> => {
      asked.push(danger.level);
      return true;
    };
    const { outcomes } = await world.disconnect({}, { confirm });
    expect(outcomes.map(({ status }) => status)).toEqual(['disconnected', 'disconnected']);
    expect([asked, await world.entries()]).toEqual([['ask'], []]);
  });

  it('2: disconnects without asking, and without a word', async () => {
    await using world = await World.open();
    await world.connect();
    world.log.info('from here on');
    const { outcomes, problems } = await world.disconnect();
    expect([outcomes.length, problems, await world.entries()]).toEqual([1, [], []]);
    expect(world.log.records.at(-1)?.message).toBe('from here on');
    expect(world.bench.plugin.cmdlets?.find(({ verb }) => verb === 'disconnect')?.prints).toBeUndefined();
  });

  it('3: disconnects the one connection with this id', async () => {
    await using world = await World.open();
    const [one, two] = [await world.connect(), await world.connect()];
    const { outcomes } = await world.disconnect({ connectionId: [one.id] });
    expect(outcomes).toMatchObject([{ session: { id: one.id }, status: 'disconnected' }]);
    expect(await world.list()).toMatchObject([{ id: two.id }]);
  });

  it('4: disconnects the connections with these prefixes', async () => {
    await using world = await World.open();
    await world.connect({ prefix: 'Contoso' });
    await world.connect({ prefix: 'Fabrikam' });
    const rest = await world.connect();
    await world.disconnect({ modulePrefix: ['Contoso', 'Fabrikam'] });
    expect(await world.list()).toMatchObject([{ id: rest.id }]);
  });
});

describe('what goes through a pipe', () => {
  it('is asked for once, however many connections there are', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect();
    const listed = await world.list(true);
    const ids = listed.map((session) => recordOf(world.bench.plugin.record ?? [], session)['ConnectionId']);
    let questions = 0;
    const confirm = async (): Promise<boolean> => {
      questions += 1;
      return true;
    };
    await world.disconnect({ connectionId: ids }, { confirm });
    expect([questions, await world.entries()]).toEqual([1, []]);
  });
});

describe('a dry run', () => {
  it('names what would go, and changes nothing', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const events: DisconnectEvent[] = [];
    const { steps } = await world.slipline.plan({ provider: 'exchange-online', selector: {} });
    expect(steps.map((step) => [step.session.id, step.effect])).toEqual([[session.id, 'forget']]);
    expect([events, (await world.entries()).length]).toEqual([[], 1]);
  });
});
