import type { JsonObject, RecordField, Session } from '@slipline/core';

/** The properties that Get-ConnectionInformation prints, in its order. */
export const RECORD = [
  { name: 'ConnectionId', from: 'details.connectionId' },
  { name: 'State', from: 'details.state' },
  { name: 'Id', from: 'details.id' },
  { name: 'Name', from: 'details.name' },
  { name: 'UserPrincipalName', from: 'details.userPrincipalName' },
  { name: 'ConnectionUri', from: 'details.connectionUri' },
  { name: 'AzureAdAuthorizationEndpointUri', from: 'details.azureAdAuthorizationEndpointUri' },
  { name: 'TokenExpiryTimeUTC', from: 'details.tokenExpiryTimeUTC' },
  { name: 'CertificateAuthentication', from: 'details.certificateAuthentication' },
  { name: 'ModuleName', from: 'details.moduleName' },
  { name: 'ModulePrefix', from: 'details.modulePrefix' },
  { name: 'Organization', from: 'details.organization' },
  { name: 'DelegatedOrganization', from: 'details.delegatedOrganization' },
  { name: 'AppId', from: 'details.appId' },
  { name: 'PageSize', from: 'details.pageSize' },
  { name: 'TenantID', from: 'details.tenantID' },
  { name: 'TokenStatus', from: 'details.tokenStatus' },
  { name: 'ConnectionUsedForInbuiltCmdlets', from: 'details.connectionUsedForInbuiltCmdlets' },
  { name: 'IsEopSession', from: 'details.isEopSession' },
] as const satisfies readonly RecordField[];

/** What a list says besides what was written down, since it changes with time and with other connections. */
const TRANSIENT: readonly string[] = ['state', 'reason', 'tokenStatus', 'connectionUsedForInbuiltCmdlets'];

/** The connection as it is now: the token may have run out, and a newer connection may serve the built-in cmdlets. */
export function asOf(now: number, session: Session, all: readonly Session[]): Session {
  const { tokenExpiryTimeUTC: expiry } = session.details;
  const isExpired = typeof expiry === 'string' && Date.parse(expiry) <= now;
  return {
    ...session,
    details: {
      ...session.details,
      tokenExpiryTimeUTC: isExpired ? null : (expiry ?? null),
      tokenStatus: isExpired ? 'Expired' : 'Active',
      connectionUsedForInbuiltCmdlets: session.id === newestOf(all)?.id,
    },
  };
}

/** A fact of a connection that is a text; empty where it is none. */
export function factOf({ details }: Pick<Session, 'details'>, name: string): string {
  const value = details[name];
  return typeof value === 'string' ? value : '';
}

/** What of a connection is written down. */
export function lasting(details: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(details).filter(([name]) => !TRANSIENT.includes(name)));
}

function newestOf(all: readonly Session[]): Session | undefined {
  return all
    .filter(({ details, openedAt }) => details['isEopSession'] === false && openedAt !== undefined)
    .toSorted(
      (one, other) =>
        Date.parse(other.openedAt ?? '') - Date.parse(one.openedAt ?? '') || numberOf(other) - numberOf(one),
    )[0];
}

function numberOf({ details }: Session): number {
  const { id } = details;
  return typeof id === 'number' ? id : 0;
}
