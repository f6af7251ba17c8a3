import { DisconnectError } from './errors.ts';
import type { Prompts } from './calls.ts';
import type { Ledger } from './ledger.ts';
import type { AnyPlugin, CallContext, ConnectContext, Disconnected, Opened, Provider } from './provider.ts';
import { Secret } from './secret.ts';
import type { Session } from './session.ts';
import { Slipline } from './slipline.ts';

type Connect = (values: { readonly host: string }, context: ConnectContext) => Promise<Opened>;

/** A small provider of own sessions, and the secrets of those it has ended. */
export interface Pier {
  readonly plugin: AnyPlugin;
  readonly ended: readonly string[];
}

export function pier({
  connect = async ({ host }) => opened('token', host),
  ...more
}: Partial<Omit<Provider, 'connect'>> & { readonly connect?: Connect } = {}): Pier {
  const ended: string[] = [];
  const provider: Provider = {
    find: async function* ({ id }: { readonly id?: readonly string[] }, context) {
      for (const session of await context.own()) if (id?.includes(session.id) ?? true) yield session;
    } as Provider['find'],
    disconnect: async (session: Session, _effect, context: CallContext): Promise<Disconnected> => {
      ended.push((await context.secret(session)).reveal());
      return { wasGone: false };
    },
    connect: connect,
    ...more,
  };
  const plugin: AnyPlugin = {
    contract: 1,
    id: 'pier',
    title: 'Pier',
    impact: 'low',
    unnamed: 'all',
    connect: {
      host: { type: 'string', summary: 'where', endpoint: true, required: true },
      userName: { type: 'string', summary: 'who', credential: 'userName' },
      password: { type: 'secret', summary: 'password', credential: 'password' },
    },
    find: { id: { type: 'string', summary: 'which', many: true, names: true } },
    create: () => provider,
  };
  return { plugin, ended };
}

export function opened(secret: string, endpoint = 'one'): Opened {
  return {
    endpoint,
    kind: 'boat',
    label: `boat at ${endpoint}`,
    ownership: 'opened',
    effects: ['end'],
    details: {},
    secret: new Secret(secret),
  };
}

export function sliplineOf({ plugin }: Pick<Pier, 'plugin'>, ledger: Ledger, prompts?: Prompts): Slipline {
  return new Slipline({ providers: [plugin], ledger, prompts });
}

export function fullDisk(): DisconnectError {
  return new DisconnectError('internal', 'the disk is full');
}
