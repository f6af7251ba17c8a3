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

/** Says of connections what they are now: a token may have run out, and the newest one serves the built-in cmdlets. */
export function observer(now: number, all: readonly Session[]): (session: Session) => Session {
  const newest = newestOf(all);
  return (session) => {
    // Nobody knows more of what was never opened.
    if (session.openedAt === undefined) return session;
    const { tokenExpiryTimeUTC: expiry } = session.details;
    const isExpired = typeof expiry === 'string' && Date.parse(expiry) <= now;
    return {
      ...session,
      details: {
        ...session.details,
        tokenExpiryTimeUTC: isExpired ? null : (expiry ?? null),
        tokenStatus: isExpired ? 'Expired' : 'Active',
        connectionUsedForInbuiltCmdlets: session === newest,
      },
    };
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

/** Of those that are to Exchange. */
function newestOf(all: readonly Session[]): Session | undefined {
  const [newest] = all
    .filter(({ details, openedAt }) => details['isEopSession'] === false && openedAt !== undefined)
    .toSorted((one, other) => openedAt(other) - openedAt(one) || numberOf(other) - numberOf(one));
  return newest;
}

function openedAt({ openedAt: time = '' }: Session): number {
  return Date.parse(time);
}

function numberOf({ details }: Session): number {
  const { id } = details;
  return typeof id === 'number' ? id : 0;
}
