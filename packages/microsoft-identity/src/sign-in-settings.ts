import { open } from 'node:fs/promises';
import { LARGEST_FILE, readCertificate, unreadable, type CertificateFacts } from './certificate.ts';
import { IdentityError } from './errors.ts';
import type { Variables } from './federated.ts';
import type { ManagedIdentityName } from './managed-identity.ts';
import { sourceOf, type CertificateData, type SignInMethod } from './sign-in-method.ts';

/** What people say about how to sign in; at most one way. In a browser when they say nothing. */
export interface SignInSettings {
  readonly deviceCode?: boolean | undefined;
  readonly clientSecret?: string | undefined;
  /** Path of a PEM or PFX file with certificate and private key. */
  readonly certificateFile?: string | undefined;
  readonly certificatePassword?: string | undefined;
  /** SHA-1 of a certificate in the Windows store. */
  readonly certificateThumbprint?: string | undefined;
  readonly sendsChain?: boolean | undefined;
  readonly managedIdentity?: ManagedIdentityName | undefined;
  /** With a token of the job or machine, as its variables say. */
  readonly federated?: boolean | undefined;
  readonly federatedTokenFile?: string | undefined;
  readonly accessToken?: string | undefined;
}

/** A way to sign in, checked as far as that can be done here. */
export interface ChosenMethod {
  readonly method: SignInMethod;
  /** Of the certificate, where there is one. */
  readonly certificate?: CertificateFacts | undefined;
}

/** Throws `invalid-settings` for ways that exclude each other, and for a certificate that cannot be read. */
export async function chooseMethod(settings: SignInSettings): Promise<ChosenMethod> {
  checkOneWay(settings);
  const { clientSecret, certificateFile, certificateThumbprint, sendsChain } = settings;
  const { accessToken, managedIdentity: name, federatedTokenFile: tokenFile } = settings;
  if (certificateFile !== undefined)
    return byCertificate(await dataOf(certificateFile, settings.certificatePassword), sendsChain);
  if (certificateThumbprint !== undefined)
    return byCertificate({ thumbprint: certificateThumbprint }, sendsChain);
  if (clientSecret !== undefined) return { method: { kind: 'client-secret', clientSecret } };
  if (accessToken !== undefined) return { method: { kind: 'access-token', accessToken } };
  if (name !== undefined) return { method: { kind: 'managed-identity', name } };
  if (tokenFile !== undefined || settings.federated === true)
    return { method: { kind: 'federated', tokenFile } };
  return { method: { kind: settings.deviceCode === true ? 'device-code' : 'interactive' } };
}

/** What a job is told about the application it is to act as. */
export interface VariableSettings {
  readonly clientId: string;
  readonly tenant: string;
  readonly settings: SignInSettings;
}

/**
 * The application that `AZURE_CLIENT_ID`, `AZURE_TENANT_ID` and `AZURE_CLIENT_SECRET`, `AZURE_CLIENT_CERTIFICATE_PATH` or
 * `AZURE_FEDERATED_TOKEN_FILE` describe, by the names that Microsoft's own libraries read.
 */
export function settingsFromVariables(variables: Variables): VariableSettings {
  const { AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenant, AZURE_CLIENT_SECRET: clientSecret } = variables;
  const certificateFile = variables['AZURE_CLIENT_CERTIFICATE_PATH'];
  const certificatePassword = variables['AZURE_CLIENT_CERTIFICATE_PASSWORD'];
  const federatedTokenFile = variables['AZURE_FEDERATED_TOKEN_FILE'];
  if (!clientId || !tenant) throw missing('AZURE_CLIENT_ID and AZURE_TENANT_ID');
  if (clientSecret) return { clientId, tenant, settings: { clientSecret } };
  if (certificateFile) {
    const sendsChain = /^(1|true)$/i.test(variables['AZURE_CLIENT_SEND_CERTIFICATE_CHAIN'] ?? '');
    const password = certificatePassword ? { certificatePassword } : {};
    return { clientId, tenant, settings: { certificateFile, sendsChain, ...password } };
  }
  if (federatedTokenFile) return { clientId, tenant, settings: { federatedTokenFile } };
  if (variables['AZURE_USERNAME']) {
    throw new IdentityError('unsupported', 'signing in by user name and password is not offered', {
      next: 'give a secret, a certificate or a federated token instead',
    });
  }
  throw missing('AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE');
}

function checkOneWay(settings: SignInSettings): void {
  const { certificateFile, certificateThumbprint, certificatePassword, sendsChain } = settings;
  const ways = [
    settings.deviceCode === true,
    settings.clientSecret !== undefined,
    certificateFile !== undefined,
    certificateThumbprint !== undefined,
    settings.managedIdentity !== undefined,
    settings.federated === true || settings.federatedTokenFile !== undefined,
    settings.accessToken !== undefined,
  ].filter(Boolean);
  if (ways.length > 1) throw invalid('more than one way to sign in is given', 'choose one of them');
  if (certificatePassword !== undefined && certificateFile === undefined)
    throw invalid('a password for a certificate is given, and no certificate file', 'give the file too');
  if (sendsChain === true && certificateFile === undefined && certificateThumbprint === undefined)
    throw invalid('the chain of a certificate is to be sent, and there is no certificate', 'give it too');
}

async function byCertificate(
  certificate: CertificateData,
  sendsChain: boolean | undefined,
): Promise<ChosenMethod> {
  const { thumbprint, subject, validFrom, validTo } = await readCertificate(sourceOf(certificate));
  const method = { kind: 'certificate', certificate, sendsChain } as const;
  return { method, certificate: { thumbprint, subject, validFrom, validTo } };
}

async function dataOf(path: string, password: string | undefined): Promise<CertificateData> {
  const content = await readBounded(path);
  const text = content.toString('latin1');
  return text.includes('-----BEGIN ')
    ? { pem: text, password }
    : { pfx: content.toString('base64'), password };
}

async function readBounded(path: string): Promise<Buffer> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) throw unreadable('the certificate file cannot be opened');
  try {
    const buffer = Buffer.alloc(LARGEST_FILE + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0).catch(() => {
      throw unreadable('the certificate file cannot be read');
    });
    if (bytesRead > LARGEST_FILE) throw unreadable('the certificate file is too large');
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function missing(names: string): IdentityError {
  return invalid('the environment variables do not say which application to act as', `set ${names}`);
}

function invalid(what: string, next: string): IdentityError {
  return new IdentityError('invalid-settings', what, { next });
}
