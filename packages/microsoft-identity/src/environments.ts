import { IdentityError } from './errors.ts';

/** One Microsoft cloud, or a system that is to be taken for one: where to sign in, and which hosts its tokens may be sent to. */
export interface Environment {
  readonly name: string;
  readonly type: 'Built-in' | 'User-defined';
  /** Other names for it, such as Exchange Online's; compared without regard to case, as `name` is. */
  readonly aliases: readonly string[];
  /** An origin, as all of these: `https://login.microsoftonline.com`. */
  readonly login: string;
  /** Further hosts (with port where it is not 443) that sign-in may lead to, or that issue its tokens. */
  readonly loginAliases: readonly string[];
  readonly graph: string;
  readonly exchange?: string | undefined;
  readonly compliance?: string | undefined;
  /** Domains all of whose hosts belong to this environment, for regional redirects. */
  readonly hostSuffixes: readonly string[];
  /** `AAD`: addresses are built as Microsoft's are. `OIDC`: they are taken from the discovery document as it is. */
  readonly protocolMode: 'AAD' | 'OIDC';
  /** The cloud has been shut down. */
  readonly isRetired?: boolean | undefined;
}

/** What an environment of one's own is made of; what is left out is taken from `basedOn`, or is not there. */
export interface EnvironmentDefinition {
  readonly name: string;
  readonly basedOn?: Environment | undefined;
  readonly login?: string | undefined;
  readonly graph?: string | undefined;
  readonly exchange?: string | undefined;
  readonly compliance?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly loginAliases?: readonly string[] | undefined;
  readonly hostSuffixes?: readonly string[] | undefined;
  readonly protocolMode?: Environment['protocolMode'] | undefined;
}

type BuiltIn = Omit<Environment, 'type' | 'protocolMode'>;

const builtIn = (environment: BuiltIn): Environment =>
  Object.freeze({ ...environment, type: 'Built-in', protocolMode: 'AAD' });

const sovereign = (name: string, country: string): Environment =>
  builtIn({
    name,
    aliases: [],
    login: `https://login.sovcloud-identity.${country}`,
    loginAliases: [],
    graph: `https://graph.svc.sovcloud.${country}`,
    hostSuffixes: [],
  });

/** The clouds, by the names that Entra's cmdlets use; Exchange Online's and Azure's names are aliases. */
export const ENVIRONMENTS: readonly Environment[] = Object.freeze([
  builtIn({
    name: 'Global',
    aliases: ['worldwide', 'public', 'O365Default', 'GCC', 'AzureCloud', 'AzurePublic'],
    login: 'https://login.microsoftonline.com',
    loginAliases: ['login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
    graph: 'https://graph.microsoft.com',
    exchange: 'https://outlook.office365.com',
    compliance: 'https://ps.compliance.protection.outlook.com',
    hostSuffixes: ['outlook.office365.com', 'protection.outlook.com'],
  }),
  builtIn({
    name: 'USGov',
    aliases: ['usgovernment', 'O365USGovGCCHigh', 'GCCHigh', 'AzureUSGovernment'],
    login: 'https://login.microsoftonline.us',
    loginAliases: ['login.usgovcloudapi.net'],
    graph: 'https://graph.microsoft.us',
    exchange: 'https://outlook.office365.us',
    compliance: 'https://ps.compliance.protection.office365.us',
    hostSuffixes: ['outlook.office365.us', 'protection.office365.us'],
  }),
  builtIn({
    name: 'USGovDoD',
    aliases: ['dod', 'O365USGovDoD'],
    login: 'https://login.microsoftonline.us',
    loginAliases: ['login.usgovcloudapi.net'],
    graph: 'https://dod-graph.microsoft.us',
    exchange: 'https://outlook-dod.office365.us',
    hostSuffixes: ['outlook-dod.office365.us', 'protection.office365.us'],
  }),
  builtIn({
    name: 'China',
    aliases: ['O365China', 'AzureChinaCloud', 'AzureChina'],
    login: 'https://login.chinacloudapi.cn',
    loginAliases: ['login.partner.microsoftonline.cn', 'sts.chinacloudapi.cn'],
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    exchange: 'https://partner.outlook.cn',
    compliance: 'https://ps.compliance.protection.partner.outlook.cn',
    hostSuffixes: ['partner.outlook.cn'],
  }),
  builtIn({
    name: 'Germany',
    aliases: ['O365GermanyCloud', 'AzureGermanyCloud', 'AzureGermany'],
    login: 'https://login.microsoftonline.de',
    loginAliases: [],
    graph: 'https://graph.microsoft.de',
    exchange: 'https://outlook.office.de',
    hostSuffixes: ['outlook.office.de'],
    isRetired: true,
  }),
  sovereign('BleuCloud', 'fr'),
  sovereign('DelosCloud', 'de'),
  sovereign('GovSGCloud', 'sg'),
]);

/** The environment of a name or alias, one's own first. */
export function findEnvironment(name: string, own: readonly Environment[] = []): Environment {
  const wanted = name.toLowerCase();
  const known = [...own, ...ENVIRONMENTS];
  const found = known.find((candidate) =>
    [candidate.name, ...candidate.aliases].some((spelling) => spelling.toLowerCase() === wanted),
  );
  if (found !== undefined) return found;
  const names = [...new Set(known.map((environment) => environment.name))].join(', ');
  throw new IdentityError('invalid-settings', 'there is no environment of this name', {
    next: `choose one of ${names}, or define your own`,
  });
}

/** Checks an environment of one's own and makes it whole. Everything is https, and an origin: no path, no user, no query. */
export function defineEnvironment(definition: EnvironmentDefinition): Environment {
  const { name, basedOn, aliases = [] } = definition;
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name))
    throw invalid('its name is made of letters, digits, ".", "_" and "-"');
  const { login = basedOn?.login, graph = basedOn?.graph } = definition;
  if (login === undefined || graph === undefined)
    throw invalid('it names where to sign in and where Graph is');
  const exchange = definition.exchange ?? basedOn?.exchange;
  const compliance = definition.compliance ?? basedOn?.compliance;
  return Object.freeze({
    name,
    type: 'User-defined',
    aliases,
    login: originOf(login),
    loginAliases: (definition.loginAliases ?? basedOn?.loginAliases ?? []).map(hostOf),
    graph: originOf(graph),
    ...(exchange === undefined ? {} : { exchange: originOf(exchange) }),
    ...(compliance === undefined ? {} : { compliance: originOf(compliance) }),
    hostSuffixes: (definition.hostSuffixes ?? basedOn?.hostSuffixes ?? []).map(suffixOf),
    protocolMode: definition.protocolMode ?? basedOn?.protocolMode ?? 'AAD',
  });
}

/** Whether a bearer token of this environment may be sent to this address; below the suffixes, to port 443 alone. */
export function isHostOf(environment: Environment, address: string): boolean {
  const url = parse(address);
  if (url?.protocol !== 'https:') return false;
  const { graph, exchange, compliance, hostSuffixes } = environment;
  const own = [graph, exchange, compliance].flatMap((origin) =>
    origin === undefined ? [] : [new URL(origin).host],
  );
  if (own.includes(url.host)) return true;
  const isBelow = (suffix: string) => url.hostname === suffix || url.hostname.endsWith(`.${suffix}`);
  return url.port === '' && hostSuffixes.some(isBelow);
}

/** Whether sign-in of this environment may lead to this address. */
export function isLoginOf({ login, loginAliases }: Environment, address: string): boolean {
  const url = parse(address);
  return url?.protocol === 'https:' && [new URL(login).host, ...loginAliases].includes(url.host);
}

function parse(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}

function originOf(address: string): string {
  const url = parse(address);
  if (url?.protocol !== 'https:') throw invalid('its addresses begin with https://');
  const isBare =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  if (!isBare) throw invalid('its addresses are a host, and a port where needed, without a path');
  return url.origin;
}

function hostOf(host: string): string {
  const url = parse(`https://${host}`);
  if (url === undefined || url.origin !== `https://${host.toLowerCase()}`) {
    throw invalid('its further sign-in hosts are names, with a port where it is not 443');
  }
  return url.host;
}

/** A whole country is not one organization's domain. */
function suffixOf(suffix: string): string {
  if (/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i.test(suffix)) return suffix.toLowerCase();
  throw invalid('its host suffixes are domain names of at least two parts');
}

function invalid(rule: string): IdentityError {
  return new IdentityError('invalid-settings', 'the environment cannot be used', {
    next: `define it so that ${rule}`,
  });
}
