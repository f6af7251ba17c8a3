import { IdentityError } from './errors.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DOMAIN = /^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,}$/;
/** Stand for whichever tenant the person is in. */
const ANY_TENANT = ['organizations', 'common', 'consumers'];

/** Applications that are Microsoft's own: Graph PowerShell, Exchange Online PowerShell, Azure PowerShell, Azure CLI, Office. */
export const RESERVED_CLIENT_IDS: readonly string[] = Object.freeze([
  '14d82eec-204b-4c2f-b7e8-296a70dab67e',
  'fb78d390-0c51-40cd-8e17-fdbfab77341b',
  '1950a258-227b-4e31-a9cf-717495945fc2',
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  'd3590ed6-52b3-4102-aeff-aad2292ab01c',
]);

/** The application's id in its usual spelling. Refuses Microsoft's own: to use those is to pretend to be their program. */
export function checkClientId(clientId: string | undefined): string {
  if (clientId === undefined || clientId === '') {
    throw new IdentityError('client-id-required', 'no application (client) ID is given', {
      next: 'register an application in the Entra admin center and give its client ID',
    });
  }
  const id = clientId.trim().toLowerCase();
  if (!GUID.test(id)) {
    throw new IdentityError('invalid-settings', 'the application (client) ID is not a GUID', {
      next: 'copy "Application (client) ID" from the registration in the Entra admin center',
    });
  }
  if (RESERVED_CLIENT_IDS.includes(id)) {
    throw new IdentityError(
      'client-id-reserved',
      "this application (client) ID is one of Microsoft's own programs",
      {
        next: 'register an application of your own and give its client ID',
      },
    );
  }
  return id;
}

/** A tenant's GUID or domain name, or `organizations`, in small letters. */
export function checkTenant(tenant = 'organizations'): string {
  const name = tenant.trim().toLowerCase();
  if (isTenantId(name) || ANY_TENANT.includes(name) || DOMAIN.test(name)) return name;
  throw new IdentityError('invalid-settings', 'the tenant is neither a GUID nor a domain name', {
    next: 'give the tenant ID, or a domain such as contoso.onmicrosoft.com',
  });
}

export function isTenantId(tenant: string): boolean {
  return GUID.test(tenant);
}

/** Whether the name leaves open which tenant is meant. */
export function isAnyTenant(tenant: string): boolean {
  return ANY_TENANT.includes(tenant);
}

/** What is asked for, each once, sorted: the same wish in the same spelling. */
export function checkScopes(scopes: readonly string[]): readonly string[] {
  const wanted = [...new Set(scopes)].sort();
  if (
    wanted.length > 0 &&
    wanted.length <= 200 &&
    wanted.every((scope) => /^[\x21-\x7e]{1,512}$/.test(scope))
  )
    return wanted;
  throw new IdentityError('invalid-settings', 'the scopes are missing or malformed', {
    next: 'give at least one scope, each without blanks, such as https://graph.microsoft.com/.default',
  });
}
