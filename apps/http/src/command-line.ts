import { parseArgs } from 'node:util';
import { DisconnectError } from '@slipline/core';

const SERVE = {
  host: { type: 'string' },
  port: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  name: { type: 'string', multiple: true },
  'behind-proxy': { type: 'string', multiple: true },
  'log-level': { type: 'string' },
  lab: { type: 'boolean' },
} as const;

const KEYS = {
  user: { type: 'string' },
  role: { type: 'string' },
  scope: { type: 'string', multiple: true },
  expires: { type: 'string' },
} as const;

const COMMON = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } } as const;

export interface ServeLine {
  readonly command: 'serve';
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly name?: readonly string[] | undefined;
  readonly behindProxy?: readonly string[] | undefined;
  readonly logLevel?: string | undefined;
  readonly isLab: boolean;
}

export interface KeysLine {
  readonly command: 'keys';
  readonly words: readonly string[];
  readonly user?: string | undefined;
  readonly role?: string | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly expires?: string | undefined;
}

export type CommandLine = ServeLine | KeysLine | { readonly command: 'help' | 'version' };

/** Throws `invalid-request` for what no command takes. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const [first, ...rest] = argv;
  if (first === 'help') return { command: 'help' };
  if (first === 'keys') return parseKeys(rest);
  return parseServe(first === 'serve' ? rest : argv);
}

function parseServe(argv: readonly string[]): CommandLine {
  const { values, positionals } = understood(() =>
    parseArgs({ args: [...argv], options: { ...SERVE, ...COMMON }, allowPositionals: true }),
  );
  if (values.version === true) return { command: 'version' };
  if (values.help === true) return { command: 'help' };
  const [word] = positionals;
  if (word !== undefined) throw usage(`there is no command "${word.slice(0, 40)}"`);
  const { host, port, name, lab } = values;
  return {
    command: 'serve',
    host,
    port,
    tlsCert: values['tls-cert'],
    tlsKey: values['tls-key'],
    name: listed(name),
    behindProxy: listed(values['behind-proxy']),
    logLevel: values['log-level'],
    isLab: lab === true,
  };
}

function parseKeys(argv: readonly string[]): CommandLine {
  const { values, positionals } = understood(() =>
    parseArgs({ args: [...argv], options: { ...KEYS, ...COMMON }, allowPositionals: true }),
  );
  if (values.help === true) return { command: 'help' };
  const { user, role, scope, expires } = values;
  return { command: 'keys', words: positionals, user, role, scope: listed(scope), expires };
}

/** A flag given several times, or once with commas. */
function listed(given: readonly string[] | undefined): readonly string[] | undefined {
  return given?.flatMap((text) => text.split(',')).map((text) => text.trim());
}

function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split('. ');
    throw usage(sentence);
  }
}

export function usage(what: string): DisconnectError {
  return new DisconnectError('invalid-request', what, { next: 'slipline-http --help' });
}

export const HELP = `Usage: slipline-http [serve] [flags]
       slipline-http keys create --user NAME --role viewer|operator|auditor [--scope PROVIDER:ENDPOINT]... [--expires 30d]
       slipline-http keys ls
       slipline-http keys revoke ID

Serves the API and the page, on 127.0.0.1:4380 where nothing else is said, and prints a link to sign in with.

  --lab                  fake systems on this machine, instead of real ones
  --port PORT            the port; 0 takes any that is free
  --host ADDRESS         the address to listen on; off loopback it takes TLS, or a proxy that has it
  --tls-cert FILE        PEM: the certificate and its chain
  --tls-key FILE         PEM: its private key
  --name NAME            a name that people reach the service by; may be given again
  --behind-proxy RANGE   proxies whose X-Forwarded-... headers are believed; may be given again
  --log-level LEVEL      debug, info, warn, error or silent
  --version, --help

Flags win over SLIPLINE_HTTP_HOST, _PORT, _TLS_CERT, _TLS_KEY, _NAMES, _BEHIND_PROXY, _OUTBOUND and _LOG_LEVEL, and these
over http.json beside config.json. What the service may connect to is listed there under "outbound".
`;
