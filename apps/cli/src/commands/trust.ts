import { X509Certificate } from 'node:crypto';
import { DisconnectError, type JsonObject, type TrustEntry, type TrustStore } from '@slipline/core';
import type { Command, Context } from '../command.ts';
import type { Column } from '../output/output.ts';
import { textColumn, textOf } from '../output/text-column.ts';
import { usage } from '../arguments/usage.ts';

const COLUMNS: readonly Column[] = [
  textColumn('host', 'host'),
  textColumn('trusted by', 'by'),
  textColumn('fingerprint', 'fingerprint', 1),
  textColumn('subject', 'subject', 3),
  textColumn('saved', 'savedAt', 2),
];

/** Lists and forgets servers that are recognised by a pin or by an authority of their own. */
export const trust: Command = {
  name: 'trust',
  summary: 'list or forget servers whose certificate was trusted by hand',
  usage: 'ls | remove HOST[:PORT]…',
  words: ['ls', 'remove'],
  flags: {},
  examples: ['slipline trust ls', 'slipline trust remove ov1.example:443'],
  async run({ positionals: [verb, ...hosts] }, context) {
    if (verb === 'ls' && hosts.length === 0) return list(context);
    if (verb === 'remove' && hosts.length > 0) return remove(hosts, context);
    throw usage('trust needs to know what to do', `slipline trust ${trust.usage}`);
  },
};

async function list(context: Context): Promise<number> {
  const rows = (await (await storeOf(context)).list()).map(rowOf);
  await context.output.list(rows, COLUMNS);
  if (rows.length === 0)
    context.messages.note('Nothing is trusted by hand: certificates are checked against known CAs.');
  return 0;
}

/** Forgets what is known of each host, at one port or at all; none of them when one is not known. */
async function remove(hosts: readonly string[], context: Context): Promise<number> {
  const store = await storeOf(context);
  const known = await store.list();
  const chosen = hosts.map((host) => {
    const name = host.toLowerCase();
    const found = known.filter((entry) => entry.host === name || withoutPort(entry.host) === name);
    if (found.length > 0) return found;
    throw new DisconnectError('not-found', `nothing is trusted by hand for "${host.slice(0, 300)}"`, {
      next: 'slipline trust ls',
    });
  });
  const entries = [...new Set(chosen.flat())];
  for (const { host } of entries) await store.remove(host);
  const rows = entries.map((entry) => ({ ...rowOf(entry), removed: true }));
  await context.output.lines(
    rows,
    COLUMNS,
    (row) => `${textOf(row, 'host')} is not trusted by hand any more.`,
  );
  return 0;
}

async function storeOf(context: Context): Promise<TrustStore> {
  return (await (await context.slipline()).ledger()).trust;
}

function withoutPort(host: string): string {
  return host.slice(0, host.lastIndexOf(':'));
}

function rowOf({ host, pin, authority, savedAt }: TrustEntry): JsonObject {
  if (pin !== undefined) return { host, by: 'pin', fingerprint: `sha256:${pin}`, savedAt };
  return { host, by: 'authority', ...(authority !== undefined && factsOf(authority)), savedAt };
}

function factsOf(pem: string): JsonObject {
  try {
    const { fingerprint256, subject } = new X509Certificate(pem);
    return { fingerprint: `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`, subject };
  } catch {
    return { subject: 'not a certificate' };
  }
}
