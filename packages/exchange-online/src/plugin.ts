import { defineProvider, parseParameters, type ParameterTable } from '@slipline/core';
import type { EnvironmentDefinition, Variables } from '@slipline/microsoft-identity';
import { CONNECT, FIND, PROVIDER } from './parameters.ts';
import { RECORD } from './connection-record.ts';

/** What an app that composes this provider, or its configuration, may set. */
export interface ExchangeOnlineOptions {
  /** The application to sign in with where none is given; `SLIPLINE_CLIENT_ID` when absent. */
  readonly clientId?: string | undefined;
  /** Clouds besides Microsoft's; `basedOn` is a name here. `SLIPLINE_ENTRA_ENVIRONMENTS` (the same as JSON) when absent. */
  readonly environments?: readonly UserEnvironment[] | undefined;
  /** Milliseconds that one connection may take to answer when connections are listed live; 8,000 when absent. */
  readonly liveTimeout?: number | undefined;
  /** Where `SLIPLINE_CLIENT_ID`, `AZURE_…` and the like are looked up; the process's own when absent. */
  readonly variables?: Variables | undefined;
}

export type UserEnvironment = Omit<EnvironmentDefinition, 'basedOn'> & {
  readonly basedOn?: string | undefined;
};

/** The same, checked as far as that needs no other module. */
export interface ExchangeOnlineSettings extends Pick<ExchangeOnlineOptions, 'clientId' | 'liveTimeout'> {
  readonly environments: unknown;
  readonly variables: Variables;
}

const OPTIONS = {
  clientId: { ...CONNECT.clientId, aliases: [] },
  liveTimeout: { type: 'integer', minimum: 1, summary: 'milliseconds a connection may take to be listed' },
} as const satisfies ParameterTable;

/** The parameter sets of the cmdlets that choose connections. */
const BY_ID_OR_PREFIX = {
  sets: { DefaultParameterSet: [], ConnectionId: ['connectionId'], ModulePrefix: ['modulePrefix'] },
  mandatory: { ConnectionId: ['connectionId'], ModulePrefix: ['modulePrefix'] },
} as const;

/** Connections to Exchange Online and to Security & Compliance. Throws `invalid-request` for options that make no sense. */
export function exchangeOnline(options: ExchangeOnlineOptions = {}) {
  const settings = settingsOf(options);
  return defineProvider({
    contract: 1,
    id: PROVIDER,
    title: 'Exchange Online',
    impact: 'high',
    connect: CONNECT,
    find: FIND,
    unnamed: 'all',
    withheld: {
      revoke:
        "only people have sign-ins to revoke: remove the secret, certificate or trust from the application's registration, or forget the connection",
    },
    record: RECORD,
    cmdlets: [
      {
        name: 'Connect-ExchangeOnline',
        verb: 'connect',
        values: { kind: 'exchange' },
        confirmImpact: 'none',
      },
      {
        name: 'Connect-IPPSSession',
        verb: 'connect',
        values: { kind: 'ipps' },
        confirmImpact: 'none',
      },
      { name: 'Get-ConnectionInformation', verb: 'list', ...BY_ID_OR_PREFIX, confirmImpact: 'none' },
      {
        name: 'Disconnect-ExchangeOnline',
        verb: 'disconnect',
        effect: 'forget',
        ...BY_ID_OR_PREFIX,
        confirmImpact: 'high',
      },
    ],
    create: async (host) => {
      const { ExchangeOnlineProvider } = await import('./exchange-online-provider.ts');
      return host.resolve(ExchangeOnlineProvider, settings);
    },
  });
}

function settingsOf({
  environments,
  variables = process.env,
  ...plain
}: ExchangeOnlineOptions): ExchangeOnlineSettings {
  return { ...parseParameters(OPTIONS, { ...plain }), environments, variables };
}
