import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { DisconnectError } from '@slipline/core';
import { ProblemError } from '../problem.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface HostRules {
  /** Names that the service answers to, beside its own addresses. */
  readonly names: readonly string[];
  /** Whether it listens on loopback alone. */
  readonly isLoopback: boolean;
}

/**
 * Refuses a request that was sent to another name: a page elsewhere may have its own name resolve to this service (DNS
 * rebinding). An address instead of a name cannot be that.
 */
export function checkHost(request: FastifyRequest, { names, isLoopback }: HostRules): void {
  const [, name = '', port = ''] = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(request.host) ?? [];
  const host = name.toLowerCase().replace(/\.$/, '');
  const isAddress = !isLoopback && isIP(host.replace(/^\[|\]$/g, '')) !== 0;
  const isKnown = LOOPBACK.has(host) || names.includes(host) || isAddress;
  if (isKnown && Number(port) <= 65_535) return;
  throw new ProblemError(421, 'forbidden', 'this service does not answer to that name', {
    next: 'list the name under "names" in http.json, or start with --name',
  });
}

/** Refuses what a page of another origin sends, whoever is signed in. Programs send no `Origin`. */
export function checkOrigin(request: FastifyRequest): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isForeign = origin !== undefined && origin.toLowerCase() !== ownOrigin(request);
  if (!isForeign && site !== 'cross-site' && site !== 'same-site') return;
  // A link from elsewhere may lead to the page itself, which does nothing by itself.
  if (!isForeign && request.headers['sec-fetch-mode'] === 'navigate' && !request.url.startsWith('/v1'))
    return;
  throw new DisconnectError('forbidden', 'pages of other origins may not ask this service');
}

function ownOrigin(request: FastifyRequest): string {
  const host = request.host.toLowerCase().replace(request.protocol === 'https' ? /:443$/ : /:80$/, '');
  return `${request.protocol}://${host}`;
}
