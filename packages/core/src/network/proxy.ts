import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import { DisconnectError } from '../errors.ts';
import { nameOf, unbracketed } from './host-name.ts';

/** As `HTTPS_PROXY` and `NO_PROXY` say it. */
export interface ProxySettings {
  readonly https?: string | undefined;
  readonly no?: string | undefined;
}

/** The proxy for TLS to this host, if any. `no` lists names, `.suffixes`, `name:port` and `*`. */
export function proxyFor(settings: ProxySettings, host: string, port: number): URL | undefined {
  if (settings.https === undefined || settings.https === '') return undefined;
  const name = host.toLowerCase();
  const exempt = (settings.no ?? '')
    .split(/[\s,]+/)
    .filter((rule) => rule !== '')
    .some((rule) => matches(rule.toLowerCase(), name, port));
  if (exempt) return undefined;
  const text = settings.https.includes('://') ? settings.https : `http://${settings.https}`;
  if (URL.canParse(text)) return new URL(text);
  throw new DisconnectError('invalid-request', 'HTTPS_PROXY is not a URL', {
    next: 'write it as http://HOST:PORT',
  });
}

function matches(rule: string, name: string, port: number): boolean {
  if (rule === '*') return true;
  // An IPv6 address has colons of its own, so that its port needs brackets around the rest.
  const [, inside, ruleName = inside ?? rule, rulePort] =
    /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(rule) ?? [];
  if (rulePort !== undefined && Number(rulePort) !== port) return false;
  const suffix = ruleName.replace(/^\*?\.?/, '');
  return name === suffix || name.endsWith(`.${suffix}`);
}

/** A tunnel through an HTTP proxy (RFC 9110 §9.3.6). */
export function tunnel(proxy: URL, host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const request = proxy.protocol === 'https:' ? secureRequest : plainRequest;
  const authority = nameOf({ host, port });
  return new Promise((resolve, reject) => {
    const call = request({
      method: 'CONNECT',
      host: unbracketed(proxy.hostname),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      path: authority,
      signal,
      agent: false,
      headers: { host: authority, ...authorization(proxy) },
    });
    const fail = (what: string, cause?: unknown): void =>
      reject(
        new DisconnectError('unreachable', what, {
          system: authority,
          next: 'check HTTPS_PROXY and NO_PROXY',
          cause,
        }),
      );
    call.once('connect', (answer, socket) => {
      if (isSuccess(answer.statusCode)) return resolve(socket);
      socket.destroy();
      fail(`the proxy ${proxy.host} answered ${answer.statusCode ?? 'nothing'} to CONNECT`);
    });
    call.once('response', (answer) => {
      answer.resume();
      fail(`the proxy ${proxy.host} answered ${answer.statusCode ?? 'nothing'} to CONNECT`);
    });
    call.once('error', (error) =>
      signal.aborted
        ? reject(signal.reason as Error)
        : fail(`the proxy ${proxy.host} cannot be reached`, error),
    );
    call.end();
  });
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
