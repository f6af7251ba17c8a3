import type { Access } from '@slipline/core';
import { urlOf } from './wsman-target.ts';
import type { WsmanConnectionSettings } from './wsman-transport.ts';

const TRANSPORTS: Readonly<Record<string, string>> = {
  negotiate: 'ntlm',
  certificate: 'certificate',
  basic: 'basic',
  kerberos: 'kerberos',
  credssp: 'credssp',
};

/** By the names that pywinrm's own programs read. */
export function accessTo({ target, identity }: WsmanConnectionSettings): Access {
  const { credential, certificate, authentication } = identity;
  return {
    environment: {
      WINRM_ENDPOINT: urlOf(target),
      WINRM_TRANSPORT: TRANSPORTS[authentication] ?? authentication,
      ...(credential && { WINRM_USERNAME: credential.userName, WINRM_PASSWORD: credential.password }),
      ...(certificate && {
        WINRM_CERT_PEM: certificate.certificate,
        WINRM_CERT_KEY_PEM: certificate.privateKey,
      }),
    },
  };
}
