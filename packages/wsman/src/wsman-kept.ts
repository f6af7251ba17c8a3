import { DisconnectError, Secret } from '@slipline/core';
import { AUTHENTICATIONS } from './plugin.ts';
import type { Authentication } from './wsman-sign-in.ts';
import type { WsmanConnectionSettings } from './wsman-transport.ts';

/** What is sealed for a connection: how to reach it again, and as whom. The credential goes where this says, and nowhere else. */
export function keep({ target, identity, allowUnencrypted, skip }: WsmanConnectionSettings): Secret {
  const { authentication, credential, certificate } = identity;
  return new Secret(
    JSON.stringify({
      version: 1,
      target,
      authentication,
      credential: credential && { userName: credential.userName, password: credential.password.reveal() },
      certificate: certificate && {
        certificate: certificate.certificate,
        privateKey: certificate.privateKey.reveal(),
      },
      allowUnencrypted,
      skip,
    }),
  );
}

interface Kept extends Omit<WsmanConnectionSettings, 'identity'> {
  readonly version: number;
  readonly authentication: Authentication;
  readonly credential?: { readonly userName: string; readonly password: string };
  readonly certificate?: { readonly certificate: string; readonly privateKey: string };
}

/** Undoes `keep`. */
export function settingsFrom(secret: Secret): WsmanConnectionSettings {
  const { version, target, authentication, credential, certificate, allowUnencrypted, skip } = JSON.parse(
    secret.reveal(),
  ) as Kept;
  if (version !== 1 || !AUTHENTICATIONS.includes(authentication)) {
    throw new DisconnectError('unsupported', 'another version of this program wrote this connection down', {
      next: 'disconnect it, and connect again',
    });
  }
  return {
    target,
    identity: {
      authentication,
      ...(credential && {
        credential: { userName: credential.userName, password: new Secret(credential.password) },
      }),
      ...(certificate && {
        certificate: {
          certificate: certificate.certificate,
          privateKey: new Secret(certificate.privateKey),
        },
      }),
    },
    allowUnencrypted,
    skip,
  };
}
