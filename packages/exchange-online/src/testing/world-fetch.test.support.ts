import { request } from 'node:https';
import type { ExchangeOnlineBench } from './index.ts';

/** `fetch` as an app may have one of its own: plain Node, with the bench's names and authority. */
export function fetchOver({ network }: ExchangeOnlineBench): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const rule = network.resolve?.find(({ host }) => host === url.hostname);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: rule?.address ?? url.hostname,
          port: rule?.toPort ?? url.port,
          servername: url.hostname,
          path: `${url.pathname}${url.search}`,
          method: init.method ?? 'GET',
          headers: { host: url.host, ...(init.headers as Record<string, string>) },
          ca: [...(network.authorities ?? [])],
          agent: false,
          ...(init.signal && { signal: init.signal }),
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.once('error', reject);
          incoming.once('end', () => {
            const headers = Object.entries(incoming.headers).map(
              ([name, value]) => [name, String(value)] as [string, string],
            );
            resolve(new Response(Buffer.concat(chunks), { status: incoming.statusCode ?? 0, headers }));
          });
        },
      );
      outgoing.once('error', reject);
      outgoing.end(init.body as string | undefined);
    });
  };
}
