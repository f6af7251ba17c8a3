import {
  DisconnectError,
  type ClientCertificate,
  type ConnectContext,
  type Opened,
  Secret,
} from '@slipline/core';
import type { ConnectValues } from './plugin.ts';
import type { WsmanIdentification } from './wsman-identify.ts';
import { keep } from './wsman-kept.ts';
import { credentialOf, type Authentication, type WsmanIdentity } from './wsman-sign-in.ts';
import { endpointOf, targetOf } from './wsman-target.ts';
import type { WsmanConnectionSettings } from './wsman-transport.ts';

const PASSWORD_FREE: ReadonlySet<Authentication> = new Set(['certificate', 'kerberos', 'negotiate']);

/** How to reach what `values` describe. Asks for the credential where one is needed and none was given. */
export async function settingsOf(
  values: ConnectValues,
  context: ConnectContext,
): Promise<WsmanConnectionSettings> {
  const target = targetOf(values);
  const authentication = authenticationOf(values);
  const { allowUnencrypted, skipCaCheck, skipCnCheck } = values;
  return {
    target,
    identity: await identityOf(authentication, values, endpointOf(target), context),
    allowUnencrypted,
    ...((skipCaCheck === true || skipCnCheck === true) && {
      skip: { authority: skipCaCheck, name: skipCnCheck },
    }),
  };
}

function authenticationOf({ authentication = 'default', clientCertificate }: ConnectValues): Authentication {
  if (clientCertificate === undefined) {
    if (authentication !== 'certificate') return authentication === 'default' ? 'negotiate' : authentication;
    throw new DisconnectError('invalid-request', 'authentication by certificate needs one', {
      next: 'give it with --client-certificate-file: a PEM file with the certificate and its private key',
    });
  }
  if (authentication === 'default' || authentication === 'certificate') return 'certificate';
  throw new DisconnectError(
    'invalid-request',
    `a client certificate is not for authentication by ${authentication}`,
    {
      next: 'give one of them only',
    },
  );
}

async function identityOf(
  authentication: Authentication,
  { clientCertificate, userName, password }: ConnectValues,
  endpoint: string,
  context: ConnectContext,
): Promise<WsmanIdentity> {
  if (clientCertificate !== undefined)
    return { authentication, certificate: certificateOf(clientCertificate) };
  // Who asks for Kerberos and names nobody has a ticket.
  const hasTicket = authentication === 'kerberos' && userName === undefined && password === undefined;
  const credential = hasTicket ? undefined : await context.credential(endpoint);
  const identity: WsmanIdentity = { authentication, ...(credential && { credential }) };
  if (!PASSWORD_FREE.has(authentication)) credentialOf(identity);
  return identity;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----[A-Za-z0-9+/=\s:,-]{1,65536}?-----END \1-----/g;

/** The blocks of a PEM text: the key, and the certificates in their order. */
function certificateOf(pem: Secret): ClientCertificate {
  const blocks = [...pem.reveal().matchAll(BLOCK)].map(([block, kind = '']) => ({ block, kind }));
  const key = blocks.find(({ kind }) => kind.endsWith('PRIVATE KEY'));
  const chain = blocks.filter(({ kind }) => kind === 'CERTIFICATE').map(({ block }) => block);
  if (key === undefined || chain.length === 0) {
    throw new DisconnectError(
      'invalid-request',
      'the client certificate needs both a certificate and its private key, as PEM',
      {
        next: 'openssl pkcs12 -in FILE.pfx -nodes makes such a file',
      },
    );
  }
  return { certificate: chain.join('\n'), privateKey: new Secret(key.block) };
}

/** The connection as the ledger has it. */
export function openedConnection(settings: WsmanConnectionSettings, who: WsmanIdentification): Opened {
  const { target, identity } = settings;
  const { computerName, port, isSecure, path } = target;
  const endpoint = endpointOf(target);
  const principal = identity.credential?.userName ?? 'somebody';
  return {
    endpoint,
    kind: 'connection',
    label: `${principal} on ${endpoint}`,
    ...(identity.credential && { principal }),
    ownership: 'opened',
    effects: ['forget'],
    details: {
      computerName,
      port,
      transport: isSecure ? 'https' : 'http',
      path,
      authentication: identity.authentication,
      isEncrypted: isSecure || !['basic', 'digest'].includes(identity.authentication),
      ...(who.vendor !== undefined && { vendor: who.vendor }),
      ...(who.productVersion !== undefined && { productVersion: who.productVersion }),
    },
    secret: keep(settings),
  };
}

/** A connect leaves nothing on the server, whatever became of it. */
export function withoutEffect(error: unknown): DisconnectError {
  const { code, message, system, next, details, cause } = DisconnectError.from(error);
  return new DisconnectError(code, message, { system, next, details, cause });
}
