import { AuthError } from './errors.ts';

type Explained = readonly [AuthError['code'], message: string, next: string];

const CHECK_PASSWORD = 'Check the user name, the domain and the password.';
const CHECK_NAME =
  'Use the name that the server is registered under in the directory, not its address or an alias.';
const CHECK_ACCOUNT = 'Ask an administrator to set the account right.';
const WRONG: Explained = ['refused', 'The user name or password is wrong.', CHECK_PASSWORD];

/** NTSTATUS (MS-ERREF 2.3.1) and SSPI's codes (2.1.1). */
const STATUS: Readonly<Record<number, Explained>> = {
  0x8009030c: WRONG,
  0xc000006d: WRONG,
  0xc000006a: WRONG,
  0xc0000064: WRONG,
  0xc000006e: ['refused', 'The account may not sign in like this.', CHECK_ACCOUNT],
  0xc000006f: ['refused', 'The account may not sign in at this hour.', CHECK_ACCOUNT],
  0xc0000071: ['refused', 'The password has expired.', 'Set a new password.'],
  0xc0000224: ['refused', 'The password has to be changed first.', 'Set a new password.'],
  0xc0000072: ['refused', 'The account is disabled.', CHECK_ACCOUNT],
  0xc0000193: ['refused', 'The account has expired.', CHECK_ACCOUNT],
  0xc0000234: ['refused', 'The account is locked.', CHECK_ACCOUNT],
  0xc000015b: ['refused', 'The account may not sign in to this computer over the network.', CHECK_ACCOUNT],
  0xc0000133: [
    'clock-skew',
    'The clocks are too far apart.',
    'Set the clocks of this computer and the server.',
  ],
  0x80090324: [
    'clock-skew',
    'The clocks are too far apart.',
    'Set the clocks of this computer and the server.',
  ],
  0x80090303: ['no-credential', 'The domain does not know this server.', CHECK_NAME],
  0x80090305: ['unsupported', 'Windows has no such way to sign in.', 'Use another one.'],
  0x80090308: [
    'bad-token',
    "The server's token is malformed.",
    'Check that the address is that of the service meant.',
  ],
  0x8009030d: ['no-credential', 'Windows knows no one to sign in as.', 'Give a user name and a password.'],
  0x8009030e: ['no-credential', 'Windows knows no one to sign in as.', 'Give a user name and a password.'],
  0x8009030f: ['tampered', 'The signature of a message is wrong.', 'Connect again.'],
  0x80090310: ['out-of-sequence', 'A message came twice, or out of its order.', 'Connect again.'],
  0x80090311: ['no-credential', 'No domain controller answers.', 'Check the network, or sign in with NTLM.'],
  0x80090322: ['wrong-answer', 'The server did not prove that it is the one meant.', CHECK_NAME],
  0x80090330: ['tampered', 'The signature of a message is wrong.', 'Connect again.'],
  0x80090346: [
    'wrong-key',
    'The server says the sign-in is bound to another TLS channel.',
    'Check who is in between.',
  ],
};

/** What this number means, from a server that ended the sign-in or from Windows here. */
export function explainStatus(status: number): AuthError {
  const [code, message, next] = STATUS[status] ?? [
    'refused',
    `The server refused the sign-in (0x${status.toString(16).padStart(8, '0')}).`,
    'Look the number up in MS-ERREF, and look into the event log of the server.',
  ];
  return new AuthError(code, message, { next });
}
