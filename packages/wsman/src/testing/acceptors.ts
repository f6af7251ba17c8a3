import {
  CredsspAcceptor,
  NtlmAcceptor,
  SpnegoAcceptor,
  type TlsIdentity,
} from '@slipline/windows-auth/testing';
import type { Settings } from './settings.ts';

/** What sign-ins need to know besides the settings. */
export interface Surroundings {
  readonly clock: { now(): number };
  /** Of the certificate that HTTPS shows. */
  readonly channelBinding: () => Uint8Array | undefined;
  /** What CredSSP shows inside its tokens. */
  readonly identity: TlsIdentity | undefined;
}

/** The accepting sides of the mechanisms, as the settings want them. */
export function acceptorsOf(settings: Settings, { clock, identity }: Surroundings) {
  const { users, computerName, domain, dnsDomain, channelBinding, ntlm, spnego, credssp } = settings;
  const ntlmAcceptor = new NtlmAcceptor({
    users: users.map((user) => ({ ...user, domain: user.domain ?? computerName })),
    target: {
      netbiosComputer: computerName,
      netbiosDomain: domain,
      dnsComputer: `${computerName.toLowerCase()}.${dnsDomain}`,
      dnsDomain,
    },
    channelBinding,
    clock,
    faults: ntlm,
  });
  const spnegoAcceptor = new SpnegoAcceptor(ntlmAcceptor, spnego);
  return {
    spnego: spnegoAcceptor,
    credssp: (): CredsspAcceptor => {
      if (identity === undefined) throw new Error('CredSSP needs a certificate.');
      return new CredsspAcceptor({ identity, inner: () => spnegoAcceptor.accept(), faults: credssp });
    },
  };
}
