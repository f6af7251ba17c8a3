import { DisconnectError, type Host } from '@slipline/core';
import { readIdentity, type WsmanIdentification } from './wsman-identify.ts';
import { enumerateBody, pullBody, readPage, releaseBody } from './wsman-enumeration.ts';
import { faultError } from './wsman-errors.ts';
import { WsmanFault } from './wsman-fault.ts';
import { ACTION } from './wsman-namespaces.ts';
import {
  envelope,
  IDENTIFY,
  newId,
  readEnvelope,
  type WsmanMessage,
  type WsmanRequest,
} from './wsman-soap.ts';
import { urlOf } from './wsman-target.ts';
import { WsmanTransport, type WsmanConnectionSettings } from './wsman-transport.ts';
import type { XmlElement } from './wsman-xml.ts';

export interface EnumerateOptions {
  readonly resourceUri: string;
  /** XML for inside `n:Enumerate`, such as a `w:Filter`. */
  readonly filter?: string | undefined;
}

/** Milliseconds to release on the server what nobody waits for any more. */
const LAST_TRY = 5000;
const MOST_PAGES = 10_000;

/** Operations that may be sent twice without doing more than once. */
const REPEATABLE: ReadonlySet<string> = new Set([ACTION.get, ACTION.enumerate, ACTION.delete, ACTION.signal]);

/**
 * A WS-Management client (DSP0226, MS-WSMV) over one signed-in connection, opened on first use. What an answer means is decided by its
 * body. Methods throw `DisconnectError`, with the service's own number in `details.wsmanFault`. Dispose of it to close the connection:
 * its `state` is then `closed`, and it refuses further use.
 */
export class WsmanClient implements Disposable {
  readonly #transport: WsmanTransport;
  readonly #url: string;
  /** Names this client to the server for as long as it lives. */
  readonly #sessionId = newId();

  constructor(dial: Host['dial'], settings: WsmanConnectionSettings) {
    this.#transport = new WsmanTransport(dial, settings);
    this.#url = urlOf(settings.target);
  }

  get state(): 'open' | 'closed' {
    return this.#transport.isClosed ? 'closed' : 'open';
  }

  /** Who answers, asked as the user of this connection. */
  async identify(signal: AbortSignal): Promise<WsmanIdentification> {
    return readIdentity(accepted(readEnvelope(await this.#transport.post(IDENTIFY, signal, true))));
  }

  /** The resource that the selectors name. */
  async get(
    resourceUri: string,
    selectors: Readonly<Record<string, string>> | undefined,
    signal: AbortSignal,
  ): Promise<XmlElement> {
    return expectContent(await this.invoke({ action: ACTION.get, resourceUri, selectors }, signal));
  }

  /** Any operation; answers the content of the body, if there is one. */
  async invoke(request: WsmanRequest, signal: AbortSignal): Promise<XmlElement | undefined> {
    const messageId = newId();
    const text = envelope(this.#url, this.#sessionId, messageId, request);
    const answer = readEnvelope(await this.#transport.post(text, signal, REPEATABLE.has(request.action)));
    const content = accepted(answer);
    if (answer.relatesTo?.toUpperCase() === messageId.toUpperCase()) return content;
    throw new DisconnectError('protocol', 'the answer belongs to another request', {
      next: 'try again; if it stays so, look for what changes answers on the way',
      mayHaveTakenEffect: true,
    });
  }

  /** The items of a resource, page by page. The server forgets the enumeration however the loop ends. */
  async *enumerate(
    { resourceUri, filter = '' }: EnumerateOptions,
    signal: AbortSignal,
  ): AsyncGenerator<XmlElement> {
    let context: string | undefined;
    try {
      const first = await this.invoke(
        { action: ACTION.enumerate, resourceUri, body: enumerateBody(filter) },
        signal,
      );
      let page = readPage(expectContent(first));
      context = page.context;
      yield* page.items;
      for (let pages = 0; context !== undefined; pages += 1) {
        if (pages >= MOST_PAGES) throw endless();
        page = readPage(
          expectContent(
            await this.invoke({ action: ACTION.pull, resourceUri, body: pullBody(context) }, signal),
          ),
        );
        // It may change with every page.
        context = page.isLast ? undefined : (page.context ?? context);
        yield* page.items;
      }
    } finally {
      if (context !== undefined) await this.#release(resourceUri, context);
    }
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }

  /** Best effort, and by its own time: the caller's may be over. */
  async #release(resourceUri: string, context: string): Promise<void> {
    if (this.state === 'closed') return;
    const request = { action: ACTION.release, resourceUri, body: releaseBody(context) };
    await this.invoke(request, AbortSignal.timeout(LAST_TRY)).catch(() => undefined);
  }
}

function accepted({ content, fault }: WsmanMessage): XmlElement | undefined {
  if (fault === undefined) return content;
  throw faultError(WsmanFault.read(fault));
}

function expectContent(content: XmlElement | undefined): XmlElement {
  if (content !== undefined) return content;
  throw new DisconnectError('protocol', 'the answer is empty where something was asked for', {
    next: 'check that WinRM answers at this port and path',
  });
}

function endless(): DisconnectError {
  return new DisconnectError('protocol', 'the list has no end', { next: 'look at the computer itself' });
}
