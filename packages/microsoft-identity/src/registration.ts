/** What has to be registered in Entra before anybody can sign in, as one line of numbered steps for people. */
export function registrationSteps({
  delegated,
  application,
}: {
  /** Permissions for people who sign in, such as `User.Read`. */
  readonly delegated: readonly string[];
  /** Permissions for an application that acts as itself, such as `Exchange.ManageAsApp`. */
  readonly application: readonly string[];
}): string {
  return [
    '1. in the Entra admin center, App registrations, New registration',
    '2. Authentication: add the platform "Mobile and desktop applications" with the redirect URI http://localhost, and allow public client flows',
    `3. API permissions: for people the delegated ${delegated.join(', ')}; for an application that acts as itself ${application.join(', ')}, and a secret or certificate`,
    '4. grant admin consent',
    '5. give the "Application (client) ID"',
  ].join('; ');
}
