import type { JsonObject, JsonValue } from '@slipline/core';
import { misled, refusal, senseless } from './exchange-online-errors.ts';
import { isObject, text, texts } from './exchange-online-reply.ts';
import { Wire, type Answered, type WireOptions } from './exchange-online-wire.ts';

export interface ExchangeClientOptions extends WireOptions {
  /** A GUID. */
  readonly tenantId: string;
  /** Objects in one page, 1 to 1000; 1000 when absent. */
  readonly pageSize?: number | undefined;
}

export interface CmdletInvocation {
  /** As in `Get-Mailbox`. */
  readonly name: string;
  readonly parameters?: JsonObject | undefined;
  /** An endpoint of the documented Admin API v2.0, as in `OrganizationConfig`; the general one when absent. */
  readonly endpoint?: string | undefined;
}

/** One page of what a cmdlet gives. Texts are for people, without control characters. */
export interface CmdletPage {
  readonly objects: readonly JsonObject[];
  readonly warnings: readonly string[];
  /** What went wrong although the cmdlet went on. */
  readonly errors: readonly string[];
  /** What `-WhatIf` says. */
  readonly confirmation: string | undefined;
}

const CMDLET = /^[A-Za-z]{2,40}-[A-Za-z0-9]{1,100}$/;
const ENDPOINT = /^[A-Za-z]{1,60}$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST_PAGES = 10_000;

/**
 * Cmdlets of Exchange Online and of Security & Compliance over the REST service that their PowerShell module uses. Throws
 * `DisconnectError`: `forbidden` for a cmdlet that is not there or not allowed, `quota` where throttling does not end, `protocol` for
 * answers that make no sense or lead elsewhere. What `token` throws is passed on.
 */
export class ExchangeClient {
  readonly #wire: Wire;
  readonly #base: string;
  readonly #tenantId: string;
  readonly #pageSize: number;

  constructor(options: ExchangeClientOptions) {
    const { tenantId, pageSize = 1000 } = options;
    if (!GUID.test(tenantId)) throw new TypeError('tenantId must be a GUID');
    this.#wire = new Wire(options);
    this.#tenantId = tenantId;
    this.#base = `/adminapi/beta/${tenantId}`;
    this.#pageSize = pageSize;
  }

  /** Resolves when the service takes this token and says that it runs; rejects with what it says instead. */
  async ping(signal: AbortSignal): Promise<void> {
    const target = `${this.#base}/basicinfo('AdminApiState')`;
    const answered = await this.#wire.send({ target, isRepeatable: true }, signal);
    const { PropertyName: name, PropertyValue: value } = fieldsOf(answered);
    if (name !== 'AdminApiState') throw senseless(answered.asked, 'it does not say whether it runs');
    if (value === 'Running') return;
    const state = text(value, [answered.asked.token], 100) ?? 'unknown';
    throw senseless(answered.asked, `its state is ${state}`);
  }

  /** Runs a cmdlet to its end and gives all it gives. */
  async run(cmdlet: CmdletInvocation, signal: AbortSignal): Promise<CmdletPage> {
    const pages: CmdletPage[] = [];
    for await (const page of this.pages(cmdlet, signal)) pages.push(page);
    return {
      objects: pages.flatMap(({ objects }) => objects),
      warnings: pages.flatMap(({ warnings }) => warnings),
      errors: pages.flatMap(({ errors }) => errors),
      confirmation: pages.find(({ confirmation }) => confirmation !== undefined)?.confirmation,
    };
  }

  /** Runs a cmdlet; each page is fetched when it is asked for. */
  async *pages(cmdlet: CmdletInvocation, signal: AbortSignal): AsyncGenerator<CmdletPage> {
    const { name, parameters = {} } = checked(cmdlet);
    const request = {
      cmdlet: name,
      isRepeatable: /^Get-/i.test(name),
      headers: {
        'content-type': 'application/json;odata.metadata=minimal',
        prefer: `odata.maxpagesize=${this.#pageSize}`,
        'x-cmdletname': name,
        'x-responseformat': 'json',
        'x-serializationlevel': 'Partial',
        'x-clientapplication': 'Slipline',
      },
      body: JSON.stringify({ CmdletInput: { CmdletName: name, Parameters: parameters } }),
    };
    const seen = new Set<string>();
    for (let target: string | undefined = this.#target(cmdlet); target !== undefined;) {
      seen.add(target);
      const answered = await this.#wire.send({ ...request, target }, signal);
      const fields = fieldsOf(answered);
      yield pageOf(fields, answered);
      target = nextOf(fields['@odata.nextLink'], answered);
      if (target !== undefined && (seen.has(target) || seen.size >= MOST_PAGES))
        throw misled(answered.asked, 'the pages of the answer have no end');
    }
  }

  #target({ endpoint }: CmdletInvocation): string {
    return endpoint === undefined
      ? `${this.#base}/InvokeCommand`
      : `/adminapi/v2.0/${this.#tenantId}/${endpoint}`;
  }
}

function checked(cmdlet: CmdletInvocation): CmdletInvocation {
  const { name, endpoint = 'X' } = cmdlet;
  if (CMDLET.test(name) && ENDPOINT.test(endpoint)) return cmdlet;
  throw new TypeError('a cmdlet has a name such as Get-Mailbox, an endpoint one such as OrganizationConfig');
}

function fieldsOf({ reply, asked }: Answered): JsonObject {
  if (reply.status < 200 || reply.status > 299) throw refusal(reply, asked);
  if (reply.body === 'object') return reply.fields;
  throw senseless(asked, reply.body === 'empty' ? 'the answer is empty' : 'the answer is not a JSON object');
}

function pageOf(fields: JsonObject, { asked }: Answered): CmdletPage {
  const value: JsonValue | undefined = fields['value'];
  if (!Array.isArray(value)) throw senseless(asked, 'the answer has no list of objects');
  return {
    objects: (value as readonly JsonValue[]).filter(isObject),
    warnings: texts(fields['@adminapi.warnings'], [asked.token]),
    errors: texts(fields['@adminapi.errors'], [asked.token]),
    confirmation: text(fields['@adminapi.confirmationmessage'], [asked.token]),
  };
}

/** Only ever an address of this API; on which host it may be is for the wire to judge. */
function nextOf(link: JsonValue | undefined, { asked }: Answered): string | undefined {
  if (link === undefined || link === null || link === '') return undefined;
  const isSound = typeof link === 'string' && link.length <= 65_536 && URL.canParse(link);
  const { protocol, pathname } = isSound ? new URL(link) : { protocol: '', pathname: '' };
  if (isSound && protocol === 'https:' && /^\/adminapi\//i.test(pathname)) return link;
  throw misled(asked, 'the next page of the answer lies where no page can lie');
}
