import { DisconnectError } from '@slipline/core';
import {
  defineEnvironment,
  ENVIRONMENTS,
  findEnvironment,
  isHostOf,
  type Environment,
} from '@slipline/microsoft-identity';
import type { ConnectValues } from './parameters.ts';

export type Service = 'exchange' | 'ipps';

/** Where a connection goes. */
export interface Place {
  readonly environment: Environment;
  /** `https://outlook.office365.com`, or a region of it. */
  readonly origin: string;
  /** What the authorization endpoint says of the tenant, where it does. */
  readonly tenant: string | undefined;
}

/** Doors of remote PowerShell that people still paste, and the host of the REST service behind each. */
const OLD_DOORS: Readonly<Record<string, string>> = { 'webmail.apps.mil': 'outlook-dod.office365.us' };
/** Stand for whichever tenant it is. */
const ANY_TENANT = ['organizations', 'common'];

/** The environment of its name, or the one that the addresses belong to, or one that is made of them. */
export function placeOf(values: ConnectValues, own: readonly Environment[]): Place {
  const { kind = 'exchange', exchangeEnvironmentName: name } = values;
  const connection = addressIn('connectionUri', values.connectionUri);
  const authority = addressIn('azureADAuthorizationEndpointUri', values.azureADAuthorizationEndpointUri);
  const base = name === undefined ? guess(own, connection, authority) : findEnvironment(name, own);
  const environment = adjusted(base, kind, connection, authority);
  const origin = connection?.origin ?? originOf(environment, kind);
  if (origin === undefined) {
    throw new DisconnectError('invalid-request', `${environment.name} names no address for ${NAMES[kind]}`, {
      next: 'give it by --connection-uri',
    });
  }
  return { environment, origin, tenant: tenantIn(authority) };
}

function originOf({ exchange, compliance }: Environment, kind: Service): string | undefined {
  return kind === 'ipps' ? compliance : exchange;
}

/** What a token must be for. */
export function scopeOf(environment: Environment, kind: Service): string {
  return `${originOf(environment, kind)}/.default`;
}

export const NAMES: Readonly<Record<Service, string>> = {
  exchange: 'Exchange Online',
  ipps: 'Security & Compliance',
};

/** The same environment where the addresses are its own; else one with these, whose tokens are for these alone. */
function adjusted(
  base: Environment,
  kind: Service,
  connection: URL | undefined,
  authority: URL | undefined,
): Environment {
  const isOwnService =
    connection === undefined || (originOf(base, kind) !== undefined && isHostOf(base, connection.href));
  const isOwnLogin = authority === undefined || isLoginOf(base, authority);
  if (isOwnService && isOwnLogin) return base;
  return defineEnvironment({
    name: 'custom',
    basedOn: base,
    ...(!isOwnLogin && { login: authority.origin }),
    ...(!isOwnService && {
      [kind === 'ipps' ? 'compliance' : 'exchange']: connection.origin,
      hostSuffixes: [],
    }),
  });
}

function guess(
  own: readonly Environment[],
  connection: URL | undefined,
  authority: URL | undefined,
): Environment {
  const fits = (environment: Environment): boolean =>
    (connection === undefined || isHostOf(environment, connection.href)) &&
    (authority === undefined || isLoginOf(environment, authority));
  const standard = findEnvironment('O365Default', own);
  return [standard, ...own, ...ENVIRONMENTS].find(fits) ?? standard;
}

function isLoginOf({ login, loginAliases }: Environment, { host }: URL): boolean {
  return host === new URL(login).host || loginAliases.includes(host);
}

function addressIn(name: string, value: string | undefined): URL | undefined {
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw new DisconnectError('invalid-request', `${name} is no https URI: ${value.slice(0, 200)}`, {
      next: 'write it as in https://outlook.office365.com',
    });
  }
  url.hostname = OLD_DOORS[url.hostname] ?? url.hostname;
  return url;
}

function tenantIn(authority: URL | undefined): string | undefined {
  const [, first = ''] = authority?.pathname.split('/') ?? [];
  return first === '' || ANY_TENANT.includes(first.toLowerCase()) ? undefined : first;
}
