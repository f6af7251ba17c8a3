import { defineProvider, Secret, type Session, type Slipline } from '@slipline/core';
import type { Bench, BenchSession, Observed } from './bench.ts';
import { CONNECT, FIND, HarborProvider } from './harbor-provider.test.support.ts';
import { HarborSystem } from './harbor-system.test.support.ts';

export type HarborProviderClass = new (system: HarborSystem) => HarborProvider;

/** Whose sessions a bench makes: `own` are opened through `Slipline`, `foreign` are somebody else's. */
export type Kind = 'own' | 'foreign';

/** A bench as a provider's package offers one, here with a provider that may have a fault. */
export async function openHarbor(kind: Kind, Provider: HarborProviderClass = HarborProvider): Promise<Bench> {
  const system = new HarborSystem();
  const plugin = defineProvider({
    contract: 1,
    id: 'harbor',
    title: 'Harbor',
    impact: 'medium',
    connect: CONNECT,
    find: FIND,
    create: () => new Provider(system),
  });
  const connectValues = () => ({ userName: 'skipper', password: new Secret(system.password) });

  async function own(slipline: Slipline, values: Readonly<Record<string, unknown>>): Promise<BenchSession> {
    const { session } = await slipline.connect(plugin.id, values);
    return { session, selector: { id: [session.id] } };
  }

  async function foreign(slipline: Slipline): Promise<BenchSession> {
    const selector = { host: [system.host], id: [`berth-${system.arrive().berth}`] };
    const { sessions } = await slipline.sessions({ provider: plugin.id, selector });
    const [session] = sessions;
    if (session === undefined) throw new Error('what has just arrived is not listed');
    return { session, selector };
  }

  /** What is gone on the server is noted in the ledger, so that its number is free. */
  async function settle(slipline: Slipline, session: Session): Promise<void> {
    await slipline.apply(await slipline.plan({ sessions: [session] }));
  }

  const everything: Bench = {
    plugin,
    facts: {
      endpoint: system.host,
      users: [{ userName: 'skipper', password: system.password, role: 'crew' }],
      environment: {},
    },
    network: {},
    connectValues,
    open: (slipline) => (kind === 'own' ? own(slipline, connectValues()) : foreign(slipline)),
    adopt: (slipline) => own(slipline, { token: new Secret(system.arrive().token) }),
    observe: async ({ details }): Promise<Observed> => system.bySerial(details['serial'])?.state ?? 'gone',
    expected: (effect) =>
      (({ forget: 'live', detach: 'detached', end: 'gone', revoke: 'gone' }) as const)[effect],
    replace: async (slipline, session) => {
      system.leave(Number(session.details['serial']));
      if (kind === 'foreign') return void system.arrive();
      await settle(slipline, session);
      await own(slipline, connectValues());
    },
    endOnServer: async ({ details }) => system.leave(Number(details['serial'])),
    writes: () => system.writes,
    requests: () => system.requests,
    fail: (how) => void (system.failure = how),
    heal: () => void (system.failure = undefined),
    canaries: () => [system.password, ...system.tokens],
    [Symbol.asyncDispose]: async () => undefined,
  };
  return everything;
}
