import { DisconnectError, type Receipt, type ReceiptFilter, type Slipline } from '@slipline/core';
import type { FastifyInstance } from 'fastify';
import { keyOf } from '../roster/row.ts';
import { pageOf, pageQuery } from '../schemas/paging.ts';
import { RECEIPT_KINDS, RECEIPT_STATUSES } from '../schemas/receipt.ts';
import { responses } from '../schemas/responses.ts';
import { ROLES, type Who } from '../security/who.ts';
import type { Services } from '../services.ts';

/** How many receipts are looked at, at most, for one page of those in scope. */
const MOST_LOOKED_AT = 20_000;
const PORTION = 1000;

type Query = { readonly limit: number; readonly cursor?: string } & Pick<
  ReceiptFilter,
  'provider' | 'endpoint' | 'kind' | 'status' | 'user' | 'since' | 'until'
>;

interface Page {
  readonly items: readonly object[];
  readonly nextCursor?: string;
}

const text = { type: 'string', minLength: 1, maxLength: 512 } as const;
const time = { type: 'string', format: 'date-time' } as const;

export function receiptRoutes(app: FastifyInstance, { slipline }: Services): void {
  app.route<{ Querystring: Query }>({
    method: 'GET',
    url: '/v1/receipts',
    schema: {
      summary: 'What was done to sessions, by whom and why, newest first',
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          ...pageQuery,
          provider: text,
          endpoint: text,
          kind: { type: 'string', enum: RECEIPT_KINDS },
          status: { type: 'string', enum: RECEIPT_STATUSES },
          user: text,
          since: time,
          until: time,
        },
      },
      response: responses({ 200: pageOf({ $ref: 'Receipt#' }) }),
    },
    config: { allows: ROLES },
    handler: async ({ query: { limit, cursor, ...filter }, who }): Promise<Page> => {
      const from = cursor === undefined ? undefined : placeIn(cursor);
      const { receipts, next } = await readPage(slipline, filter, who, limit, from);
      const items = receipts.map((receipt) => ({
        ...receipt,
        session: { ...receipt.session, key: keyOf(receipt.session) },
      }));
      return { items, ...(next !== undefined && { nextCursor: cursorOf(next) }) };
    },
  });
}

/** After so many of the receipts that began in this millisecond; counting backwards in time, as the list does. */
interface Place {
  readonly startedAt: string;
  readonly count: number;
}

async function readPage(
  slipline: Slipline,
  filter: ReceiptFilter,
  who: Who,
  limit: number,
  from: Place | undefined,
): Promise<{ readonly receipts: readonly Receipt[]; readonly next: Place | undefined }> {
  const receipts: Receipt[] = [];
  let place = from;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += PORTION) {
    const skipped = place?.count ?? 0;
    const until = place === undefined ? filter.until : justAfter(place.startedAt);
    const portion = await slipline.receipts({ ...filter, until, limit: skipped + PORTION });
    for (const receipt of portion.slice(skipped)) {
      if (receipts.length === limit) return { receipts, next: place };
      place = placeAfter(receipt, place);
      if (who.sees(receipt.session)) receipts.push(receipt);
    }
    if (portion.length < skipped + PORTION) return { receipts, next: undefined };
  }
  return { receipts, next: place };
}

function placeAfter({ startedAt }: Receipt, before: Place | undefined): Place {
  return { startedAt, count: before?.startedAt === startedAt ? before.count + 1 : 1 };
}

function justAfter(time: string): string {
  return new Date(Date.parse(time) + 1).toISOString();
}

function cursorOf({ startedAt, count }: Place): string {
  return `${Date.parse(startedAt)}-${count}`;
}

function placeIn(cursor: string): Place {
  const [, time, count] = /^(\d{1,15})-(\d{1,9})$/.exec(cursor) ?? [];
  const date = new Date(Number(time));
  if (time === undefined || Number.isNaN(date.getTime())) {
    throw new DisconnectError('invalid-request', 'the cursor is not one of this list', {
      next: 'leave it out to begin again',
    });
  }
  return { startedAt: date.toISOString(), count: Number(count) };
}
