import { DisconnectError, plainText, type DisconnectErrorOptions, type ErrorCode } from '@slipline/core';
import type { FastifyError } from 'fastify';

/** A problem document of RFC 9457, with the code of `DisconnectError` and the next step. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly next?: string;
  readonly system?: string;
  readonly instance: string;
}

export interface ProblemErrorOptions extends DisconnectErrorOptions {
  /** Seconds after which to come again. */
  readonly retryAfter?: number | undefined;
}

/** An error whose HTTP status does not follow from its code. */
export class ProblemError extends DisconnectError {
  readonly status: number;
  readonly retryAfter: number | undefined;

  constructor(status: number, code: ErrorCode, message: string, options: ProblemErrorOptions = {}) {
    super(code, message, options);
    this.status = status;
    this.retryAfter = options.retryAfter;
  }
}

const TITLES: Readonly<Record<ErrorCode, string>> = {
  'invalid-request': 'The request cannot be understood',
  'unknown-provider': 'There is no such provider',
  'not-found': 'There is no such thing',
  changed: 'It is not what was chosen any more',
  unauthenticated: 'Not signed in',
  forbidden: 'Not allowed',
  quota: 'Too many',
  unreachable: 'The system cannot be reached',
  untrusted: 'The system cannot be trusted',
  timeout: 'The system did not answer in time',
  aborted: 'Interrupted',
  'still-live': 'The session is still live',
  protocol: 'The system answered something that makes no sense',
  unsupported: 'Not supported',
  internal: 'Unexpected fault',
};

const STATUSES: Readonly<Record<ErrorCode, number>> = {
  'invalid-request': 400,
  'unknown-provider': 404,
  'not-found': 404,
  changed: 409,
  unauthenticated: 401,
  forbidden: 403,
  quota: 409,
  unreachable: 502,
  untrusted: 502,
  timeout: 504,
  aborted: 503,
  'still-live': 409,
  protocol: 502,
  unsupported: 422,
  internal: 500,
};

/** The status for an error. What a managed system said of who may do what is not about this request's own sign-in. */
export function statusOf(error: DisconnectError): number {
  if (error instanceof ProblemError) return error.status;
  const isSystems = error.system !== undefined && !isRefusedHere(error);
  if (isSystems && (error.code === 'unauthenticated' || error.code === 'forbidden')) return 502;
  return STATUSES[error.code];
}

/** The target is not among those that this service may connect to. */
function isRefusedHere({ details }: DisconnectError): boolean {
  return details?.['refusedBy'] === 'configuration';
}

export function problemOf(error: DisconnectError, request: string): Problem {
  const { code, message, system } = error;
  const next = error.next ?? (isRefusedHere(error) ? 'list it under "outbound" in http.json' : undefined);
  return {
    type: `urn:slipline:error:${code}`,
    title: TITLES[code],
    status: statusOf(error),
    code,
    detail: plainText(message),
    ...(next !== undefined && { next: plainText(next) }),
    ...(system !== undefined && { system: plainText(system, 300) }),
    instance: `urn:slipline:request:${request}`,
  };
}

/** What anything thrown means to the caller; nothing of an unexpected error's own words leaves the service. */
export function errorFrom(thrown: unknown): DisconnectError {
  if (DisconnectError.is(thrown)) return thrown;
  if (isFastifyError(thrown)) return refusal(thrown);
  return new DisconnectError('internal', 'the service met a fault of its own', {
    next: 'the log of the service says more, under the request named here',
    cause: thrown,
  });
}

function isFastifyError(thrown: unknown): thrown is FastifyError & { readonly statusCode: number } {
  const { code, statusCode } = (thrown ?? {}) as Partial<FastifyError>;
  return typeof code === 'string' && code.startsWith('FST_') && statusCode !== undefined && statusCode < 500;
}

/** Fastify's own refusals, of requests that no route has seen. */
function refusal(error: FastifyError & { readonly statusCode: number }): DisconnectError {
  if (error.validation !== undefined) return invalidRequest(error);
  const what = plainText(error.message, 300);
  return new ProblemError(error.statusCode, 'invalid-request', what, {
    next: 'see /openapi.json for what can be asked',
  });
}

function invalidRequest({ validation = [], validationContext }: FastifyError): DisconnectError {
  const [first] = validation;
  const where = `${validationContext ?? 'request'}${first?.instancePath ?? ''}`;
  const { additionalProperty, allowedValues } = (first?.params ?? {}) as {
    readonly additionalProperty?: string;
    readonly allowedValues?: readonly unknown[];
  };
  const extra = additionalProperty === undefined ? '' : `: "${additionalProperty.slice(0, 80)}"`;
  const choices = allowedValues === undefined ? '' : `: ${allowedValues.join(', ')}`;
  const what = plainText(`${where} ${first?.message ?? 'is not valid'}${extra}${choices}`, 500);
  return new DisconnectError('invalid-request', what, { next: 'see /openapi.json for what can be asked' });
}
