import { json, type Answer, type Call, type TokenFacts } from '@slipline/microsoft-identity/testing';
import { badRequest, challenged, problem, redirect, unauthorized } from './exchange-answers.ts';
import { runCmdlet, type Organization } from './exchange-cmdlets.ts';

/** What the routes need to know. */
export interface ExchangeBackend {
  /** Host names of Exchange and of Security & Compliance, without those of regions. */
  readonly exchange: string;
  readonly compliance: string;
  /** Where each host leads to instead of answering. */
  readonly redirects: Readonly<Record<string, string>>;
  /** What `AdminApiState` is. */
  readonly state: string;
  /** Whether tokens of revoked sign-ins are refused before they expire. */
  readonly isContinuous: boolean;
  introspect(token: string): TokenFacts | undefined;
  organization(tenantId: string): Organization | undefined;
}

const PATH = /^\/adminapi\/(beta|v1\.0|v2\.0)\/([^/]+)\/([^/]+)$/i;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DELEGATED = ['AdminApi.AccessAsUser.All', 'Exchange.ManageV2'];
const APPLICATION = ['Exchange.ManageAsApp', 'Exchange.ManageAsAppV2'];

/** Answers as the service does, in its order: region, path, token, envelope, cmdlet. */
export function answerOfExchange(backend: ExchangeBackend, call: Call): Answer {
  const host = String(call.headers.host).toLowerCase();
  const location = backend.redirects[host];
  if (location !== undefined) return redirect(location);
  const [, version = '', tenantId = '', endpoint = ''] = PATH.exec(decode(call.path)) ?? [];
  const isDocumented = version === 'v2.0';
  const isCompliance = isBelow(host, backend.compliance);
  if (version === '' || (isDocumented && endpoint !== 'OrganizationConfig')) return { status: 404 };
  const isState = /^basicinfo\('AdminApiState'\)$/i.test(endpoint);
  if (!isDocumented && !isState && !/^InvokeCommand$/i.test(endpoint)) return { status: 404 };
  if (call.method !== (isState ? 'GET' : 'POST')) return { status: 405 };
  const refusal = refuseToken(backend, call, isCompliance ? backend.compliance : backend.exchange, tenantId);
  if (refusal !== undefined) return refusal;
  if (isState) return json({ PropertyName: 'AdminApiState', PropertyValue: backend.state });
  return invoke(backend, call, { host, tenantId, isCompliance, isDocumented });
}

/** What is wrong with the token, and with what every request carries. */
function refuseToken(
  backend: ExchangeBackend,
  { headers }: Call,
  audience: string,
  tenantId: string,
): Answer | undefined {
  const [, token] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const facts = token === undefined ? undefined : backend.introspect(token);
  if (facts === undefined || facts.isExpired || facts.audience !== `https://${audience}`)
    return unauthorized();
  if (facts.tenantId !== tenantId.toLowerCase()) return unauthorized();
  if (facts.isRevoked && backend.isContinuous) return challenged();
  const isAllowed =
    facts.scopes.some((scope) => DELEGATED.includes(scope)) ||
    facts.roles.some((role) => APPLICATION.includes(role));
  if (!isAllowed)
    return problem(403, 'Forbidden', { message: 'The role assigned to the application is missing.' });
  const { 'connection-id': connection, 'client-request-id': request, 'x-anchormailbox': anchor } = headers;
  if (!GUID.test(String(connection)) || !GUID.test(String(request))) return badRequest('An id is missing.');
  const wanted = facts.userName === undefined ? /^(APP|UPN):SystemMailbox\{.+\}@.+$/ : /^UPN:\S+@\S+$/;
  return wanted.test(String(anchor)) ? undefined : badRequest('X-AnchorMailbox is missing.');
}

interface Target {
  readonly host: string;
  readonly tenantId: string;
  readonly isCompliance: boolean;
  readonly isDocumented: boolean;
}

function invoke(backend: ExchangeBackend, call: Call, target: Target): Answer {
  const { host, tenantId, isCompliance, isDocumented } = target;
  if (!/^application\/json\b/i.test(call.headers['content-type'] ?? '')) return { status: 415 };
  const input = field(parse(call.body), 'CmdletInput');
  const cmdlet = field(input, 'CmdletName');
  const parameters = field(input, 'Parameters') ?? {};
  if (typeof cmdlet !== 'string' || !isFields(parameters))
    return badRequest('The payload is not a CmdletInput.');
  const organization = backend.organization(tenantId.toLowerCase());
  if (organization === undefined) return { status: 404 };
  const isFitting = cmdlet.toLowerCase() === 'get-organizationconfig' && Object.keys(parameters).length === 0;
  if (isDocumented && !isFitting)
    return badRequest('This endpoint takes Get-OrganizationConfig without parameters.');
  const address = `https://${host}${call.path}`;
  return runCmdlet({ cmdlet, parameters, isCompliance, organization, address, call });
}

function isBelow(host: string, service: string): boolean {
  return host === service || host.endsWith(`.${service}`);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return isFields(value) ? value[name] : undefined;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
