import { AuthError } from './errors.ts';

/** GSS-API's major status (RFC 2744 3.9.1) and Kerberos' minor one (MIT's `krb5.h`), as an error. */

export const CONTINUE_NEEDED = 1;
/** Duplicate, old, out of sequence, gap: supplementary bits that come with an otherwise good message. */
const OUT_OF_SEQUENCE = 2 | 4 | 8 | 16;
const BAD_BINDINGS = 4;
const NO_CREDENTIAL = 7;
const DEFECTIVE_TOKEN = 9;
const CREDENTIAL_EXPIRED = 11;
/** KRB5KRB_AP_ERR_BAD_INTEGRITY: the key that was tried does not fit. */
const BAD_INTEGRITY = -1765328353;

type Explained = readonly [AuthError['code'], message: string, next: string];

const GET_TICKET = 'Get a ticket with `kinit`, or give a user name with its realm and a password.';
const CHECK_PASSWORD = 'Check the user name, its realm (usually the domain in capitals) and the password.';
const CHECK_REALM = 'Check `/etc/krb5.conf`: the realm, its KDC, and that it can be reached.';
const CHECK_NAME =
  'Use the name that the server is registered under in the directory, not its address or an alias.';
const SET_CLOCK =
  'Set the clocks of this computer, the server and the domain controller: five minutes apart is too much.';
const CHECK_SERVICE =
  'Ask an administrator whether the name of the service is registered once, and for the account it runs as.';
const CHECK_CHANNEL = 'Check that no proxy opens the TLS connection, and look into the log of the server.';
const CHECK_ACCOUNT =
  'Ask an administrator whether the account is locked or disabled, or its password has expired.';

const KERBEROS: Readonly<Record<number, Explained>> = {
  // KRB5KDC_ERR_* and KRB5KRB_AP_ERR_*.
  [-1765328383]: ['refused', 'The account has expired.', CHECK_ACCOUNT],
  [-1765328378]: ['refused', 'The domain does not know this user.', CHECK_PASSWORD],
  [-1765328377]: ['no-credential', 'The domain does not know this server.', CHECK_NAME],
  [-1765328370]: ['unsupported', 'The domain and this computer share no encryption type.', CHECK_REALM],
  [-1765328366]: ['refused', 'The account is locked or disabled.', CHECK_ACCOUNT],
  [-1765328361]: ['refused', 'The password has expired.', CHECK_ACCOUNT],
  [-1765328360]: ['refused', 'The password is wrong.', CHECK_PASSWORD],
  [BAD_INTEGRITY]: ['refused', 'The password is wrong.', CHECK_PASSWORD],
  [-1765328352]: ['no-credential', 'The Kerberos ticket has expired.', GET_TICKET],
  [-1765328347]: ['clock-skew', 'The clocks are too far apart for Kerberos.', SET_CLOCK],
  [-1765328351]: ['clock-skew', 'The clocks are too far apart for Kerberos.', SET_CLOCK],
  [-1765328349]: ['refused', 'The server cannot read the ticket.', CHECK_SERVICE],
  [-1765328343]: ['refused', 'The server cannot read the ticket.', CHECK_SERVICE],
  [-1765328340]: ['refused', 'The server cannot read the ticket.', CHECK_SERVICE],
  [-1765328339]: ['refused', 'The server cannot read the ticket.', CHECK_SERVICE],
  [-1765328324]: ['refused', 'The server refused the ticket without a reason.', CHECK_CHANNEL],
  // KRB5_*, of the library itself.
  [-1765328249]: ['wrong-answer', 'The server did not prove that it is the one meant.', CHECK_NAME],
  [-1765328248]: ['clock-skew', 'The clocks are too far apart for Kerberos.', SET_CLOCK],
  [-1765328243]: ['no-credential', 'There is no Kerberos ticket.', GET_TICKET],
  [-1765328230]: ['no-credential', 'The realm is not known here.', CHECK_REALM],
  [-1765328228]: ['no-credential', 'No domain controller (KDC) answers.', CHECK_REALM],
  [-1765328189]: ['no-credential', 'There is no Kerberos ticket.', GET_TICKET],
  [-1765328164]: ['no-credential', 'No domain controller (KDC) could be found.', CHECK_REALM],
  [-1765328160]: ['no-credential', 'No realm is set up here.', CHECK_REALM],
};

/** Throws what a failed call means. `act` completes "Kerberos could not …". */
export function expectSuccess(major: number, minor: number, act: string): void {
  if (!hasFailed(major)) return;
  const explained = KERBEROS[minor | 0] ?? explainedByMajor(routineOf(major));
  if (explained === undefined) {
    throw new AuthError('refused', `Kerberos could not ${act} (${routineOf(major)}, ${minor | 0}).`, {
      next: 'Set KRB5_TRACE=/dev/stderr to have the Kerberos library say why.',
    });
  }
  const [code, message, next] = explained;
  throw new AuthError(code, message, { next });
}

/** The same for the server's answer to a ticket, which only the right server can decrypt. */
export function expectProof(major: number, minor: number): void {
  if (hasFailed(major) && (minor | 0) === BAD_INTEGRITY) {
    throw new AuthError('wrong-answer', 'The server did not prove that it is the one meant.', {
      next: CHECK_NAME,
    });
  }
  expectSuccess(major, minor, 'sign in');
}

/** Throws unless a message of the other side is whole, and the next in its order. */
export function expectIntact(major: number): void {
  if (hasFailed(major)) {
    throw new AuthError('tampered', 'The signature of a message is wrong.', {
      next: 'Connect again: the message was changed on the way, or the two sides do not hold the same key.',
    });
  }
  if ((major & OUT_OF_SEQUENCE) !== 0) {
    throw new AuthError('out-of-sequence', 'A message came twice, or out of its order.', {
      next: 'Connect again: a message was replayed, lost or injected on the way.',
    });
  }
}

/** A calling error in the highest octet, or a routine error in the next. */
function hasFailed(major: number): boolean {
  return major >>> 16 !== 0;
}

function routineOf(major: number): number {
  return (major >>> 16) & 0xff;
}

function explainedByMajor(routine: number): Explained | undefined {
  switch (routine) {
    case BAD_BINDINGS:
      return [
        'wrong-answer',
        'The server is bound to another TLS channel.',
        'Check that no proxy opens the TLS connection.',
      ];
    case NO_CREDENTIAL:
      return ['no-credential', 'There is no Kerberos ticket.', GET_TICKET];
    case CREDENTIAL_EXPIRED:
      return ['no-credential', 'The Kerberos ticket has expired.', GET_TICKET];
    case DEFECTIVE_TOKEN:
      return [
        'bad-token',
        "The server's Kerberos token is malformed.",
        'Check that the address is that of the service meant.',
      ];
    default:
      return undefined;
  }
}
