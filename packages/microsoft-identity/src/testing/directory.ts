/** A person in a tenant. */
export interface FakeUser {
  readonly objectId: string;
  /** Compared without regard to case. */
  readonly userName: string;
  readonly password: string;
  readonly name: string;
}

/** A secret of an application, good until `expiresAt` (milliseconds since 1970), for ever when absent. */
export interface FakeSecret {
  readonly value: string;
  readonly expiresAt?: number | undefined;
}

/** Whose assertions an application takes in place of a secret. Signed by `publicKey` (PEM). */
export interface FakeFederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly publicKey: string;
}

/** An application registration with its service principal. */
export interface FakeApplication {
  readonly clientId: string;
  readonly objectId: string;
  readonly name: string;
  /** Whether it may sign in people without proving itself, by code with PKCE or by device code. */
  readonly isPublic: boolean;
  /** Whether other tenants know it too. */
  readonly isMultiTenant?: boolean | undefined;
  /** The port of `http://localhost` does not matter, as with the real system. */
  readonly redirectUris: readonly string[];
  readonly secrets: readonly FakeSecret[];
  /** PEM certificates whose keys may sign assertions. */
  readonly certificates: readonly string[];
  readonly federatedCredentials: readonly FakeFederatedCredential[];
  /** What a token for a person says in `scp`. */
  readonly scopes: readonly string[];
  /** What a token for the application itself says in `roles`. */
  readonly roles: readonly string[];
  /** `user`: each person must agree first; `admin`: only an administrator could. */
  readonly consent: 'granted' | 'user' | 'admin';
}

/** An identity that Azure gives to a machine. */
export interface FakeManagedIdentity {
  readonly clientId: string;
  readonly objectId: string;
  readonly resourceId: string;
  /** The one that a request without any name gets. */
  readonly isSystemAssigned: boolean;
  readonly roles: readonly string[];
}

export interface FakeTenant {
  readonly id: string;
  /** Domain names, the first of which is the main one. */
  readonly domains: readonly string[];
  readonly users: readonly FakeUser[];
  readonly applications: readonly FakeApplication[];
  readonly managedIdentities: readonly FakeManagedIdentity[];
}

const nobody = { secrets: [], certificates: [], federatedCredentials: [], scopes: [], roles: [] };

/** An application that signs in people, for a start. */
export const PUBLIC_APPLICATION: FakeApplication = {
  ...nobody,
  clientId: '36ee4c6c-0812-40a2-b820-b22ebd02bce3',
  objectId: '0b1d3c52-6d0e-4f0a-8f0e-0a3a5f0c1a11',
  name: 'Slipline lab',
  isPublic: true,
  isMultiTenant: true,
  redirectUris: ['http://localhost'],
  scopes: ['User.Read', 'User.RevokeSessions.All', 'AdminApi.AccessAsUser.All'],
  consent: 'granted',
};

/** An application that acts as itself, for a start. */
export const SECRET_APPLICATION: FakeApplication = {
  ...nobody,
  clientId: '8f0c7c1e-5a43-4f4e-9d55-6f2f3f0a9b01',
  objectId: '5a0f3d1c-5b0a-4a53-9a0e-3d8d9e5b7c22',
  name: 'Slipline automation',
  isPublic: false,
  redirectUris: ['http://localhost'],
  secrets: [{ value: 'fake~client-secret' }],
  scopes: ['User.Read'],
  roles: ['User.Read.All', 'Exchange.ManageAsApp'],
  consent: 'granted',
};

export const CONTOSO: FakeTenant = {
  id: '11111111-2222-3333-4444-555555555555',
  domains: ['contoso.onmicrosoft.com', 'contoso.com'],
  users: [
    {
      objectId: 'a1a1a1a1-0000-4000-8000-000000000001',
      userName: 'ada@contoso.onmicrosoft.com',
      password: 'fake-password-ada',
      name: 'Ada Admin',
    },
    {
      objectId: 'a1a1a1a1-0000-4000-8000-000000000002',
      userName: 'ben@contoso.onmicrosoft.com',
      password: 'fake-password-ben',
      name: 'Ben Brown',
    },
  ],
  applications: [PUBLIC_APPLICATION, SECRET_APPLICATION],
  managedIdentities: [
    {
      clientId: 'c0c0c0c0-0000-4000-8000-000000000001',
      objectId: 'c0c0c0c0-0000-4000-8000-000000000011',
      resourceId: '/subscriptions/fake/resourceGroups/lab/providers/Microsoft.Compute/virtualMachines/vm1',
      isSystemAssigned: true,
      roles: ['User.Read.All'],
    },
    {
      clientId: 'c0c0c0c0-0000-4000-8000-000000000002',
      objectId: 'c0c0c0c0-0000-4000-8000-000000000012',
      resourceId:
        '/subscriptions/fake/resourceGroups/lab/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1',
      isSystemAssigned: false,
      roles: ['Exchange.ManageAsApp'],
    },
  ],
};

export const FABRIKAM: FakeTenant = {
  id: '99999999-8888-7777-6666-555555555555',
  domains: ['fabrikam.onmicrosoft.com', 'fabrikam.example'],
  users: [
    {
      objectId: 'b2b2b2b2-0000-4000-8000-000000000001',
      userName: 'fay@fabrikam.onmicrosoft.com',
      password: 'fake-password-fay',
      name: 'Fay Fisher',
    },
  ],
  applications: [],
  managedIdentities: [],
};

/** Who is who: tenants by GUID and name, and what belongs to them. */
export class Directory {
  #tenants: readonly FakeTenant[];

  constructor(tenants: readonly FakeTenant[]) {
    this.#tenants = tenants;
  }

  get tenants(): readonly FakeTenant[] {
    return this.#tenants;
  }

  replace(tenants: readonly FakeTenant[]): void {
    this.#tenants = tenants;
  }

  tenant(segment: string): FakeTenant | undefined {
    const wanted = segment.toLowerCase();
    return this.#tenants.find(({ id, domains }) => id === wanted || domains.includes(wanted));
  }

  /** The application as `tenant` knows it; in any tenant when that is absent. */
  application(clientId: string, tenant?: FakeTenant): FakeApplication | undefined {
    return this.#tenants
      .flatMap((owner) =>
        owner.applications.filter(
          (candidate) => candidate.isMultiTenant === true || tenant === undefined || owner.id === tenant.id,
        ),
      )
      .find((candidate) => candidate.clientId === clientId.toLowerCase());
  }

  /** A person, by name or object id, in `tenant` or in whichever knows them. */
  user(name: string, tenant?: FakeTenant): { tenant: FakeTenant; user: FakeUser } | undefined {
    const wanted = name.toLowerCase();
    for (const candidate of tenant === undefined ? this.#tenants : [tenant]) {
      const user = candidate.users.find(
        ({ userName, objectId }) => userName.toLowerCase() === wanted || objectId === wanted,
      );
      if (user !== undefined) return { tenant: candidate, user };
    }
    return undefined;
  }
}
