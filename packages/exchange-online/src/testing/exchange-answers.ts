import { json, type Answer } from '@slipline/microsoft-identity/testing';

/** An error as the service words it, with the message in the places that are given. */
export interface ErrorPlaces {
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
  readonly exception?: string | undefined;
}

export function problem(status: number, code: string, { message, detail, exception }: ErrorPlaces): Answer {
  return json(
    {
      error: {
        code,
        ...(message !== undefined && { message }),
        ...(detail !== undefined && { details: [{ message: detail }] }),
        ...(exception !== undefined && { innererror: { internalexception: { message: exception } } }),
      },
    },
    status,
  );
}

export function unauthorized(): Answer {
  return { status: 401, headers: { 'www-authenticate': 'Bearer realm="", error="invalid_token"' }, body: '' };
}

/** The token is good, and must be one that was issued after something happened. */
export function challenged(): Answer {
  const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}').toString('base64');
  const challenge = `Bearer realm="", error="insufficient_claims", claims="${claims}"`;
  return { status: 401, headers: { 'www-authenticate': challenge }, body: '' };
}

/** What Exchange answers to a cmdlet that is unknown or not allowed: zero bytes that are said to be gzip. */
export function falselyPacked(): Answer {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  return { status: 403, headers, body: '\0'.repeat(256) };
}

export function badRequest(detail: string): Answer {
  return problem(400, 'BadRequest', { message: 'Error executing cmdlet', detail });
}

export function notFound(detail: string): Answer {
  return problem(404, 'NotFound', {
    message: 'Error executing cmdlet',
    detail: `|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|${detail}`,
  });
}

export function redirect(location: string): Answer {
  return {
    status: 302,
    headers: { location, 'set-cookie': 'exchangecookie=affinity; path=/; secure; HttpOnly' },
  };
}
