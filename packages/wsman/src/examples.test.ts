import { describe, expect, it } from '@jest/globals';
import { SERVER, World } from './testing/world.test.support.ts';

// The example of the help of Disconnect-WSMan (PowerShell 7.2).
describe('the example of Disconnect-WSMan', () => {
  it('removes the connection, and leaves localhost', async () => {
    await using world = await World.open();
    await world.connect({ computerName: SERVER });
    const { outcomes } = await world.disconnect({ computerName: [SERVER] });
    expect(outcomes).toMatchObject([{ status: 'disconnected', effect: 'forget' }]);
    const { sessions } = await world.list({ drive: true });
    expect(sessions.map(({ label, kind }) => ({ ComputerName: label, Type: kind }))).toEqual([
      { ComputerName: 'localhost', Type: 'Container' },
    ]);
  });
});
