import { request as requestPlain } from 'node:http';
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';

/** What the person in front of the browser does at the sign-in page. */
export interface Person {
  readonly userName: string;
  readonly password: string;
  /** `accept` when absent. */
  readonly decision?: 'accept' | 'decline' | undefined;
}

/** What the browser ended up with. */
export interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const LARGEST_PAGE = 1024 * 1024;
const HOPS = 5;

/** A browser with a person who signs in: it fills in the provider's page and lets itself be sent back to the application. */
export class FakeBrowser {
  readonly #authority: string;

  /** `authority` is the PEM that vouches for the provider. */
  constructor(authority: string) {
    this.#authority = authority;
  }

  /** Opens the sign-in page at `url`, signs in, and follows wherever it is sent. */
  async signIn(url: string, { userName, password, decision = 'accept' }: Person): Promise<Page> {
    const page = await this.fetch(url);
    if (page.status !== 200) return page;
    const { action, fields } = formOf(page.text, url);
    fields.set('user_name', userName);
    fields.set('password', password);
    fields.set('decision', decision);
    return this.#follow(await this.fetch(action, fields), action);
  }

  /** One request, with a form to post where there is one. Follows nothing. */
  fetch(url: string, form?: URLSearchParams): Promise<Page> {
    return new Promise((resolve, reject) => {
      const isTls = url.startsWith('https:');
      const options = {
        method: form === undefined ? 'GET' : 'POST',
        headers: form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' },
        agent: false,
        ...(isTls ? { ca: this.#authority } : {}),
      };
      const outgoing = (isTls ? request : requestPlain)(url, options, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > LARGEST_PAGE) incoming.destroy(new Error('The page is too large.'));
        });
        incoming.once('error', reject);
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
        );
      });
      outgoing.once('error', reject);
      outgoing.end(form?.toString());
    });
  }

  async #follow(page: Page, from: string): Promise<Page> {
    let [current, base] = [page, from];
    for (let hop = 0; hop < HOPS; hop += 1) {
      const { location } = current.headers;
      if (location !== undefined) {
        base = new URL(location, base).href;
        current = await this.fetch(base);
      } else if (current.status === 200 && current.text.includes('<form')) {
        const { action, fields } = formOf(current.text, base);
        base = action;
        current = await this.fetch(action, fields);
      } else {
        return current;
      }
    }
    return current;
  }
}

/** The form of a page, with its hidden fields. */
function formOf(text: string, base: string): { action: string; fields: URLSearchParams } {
  const action = /<form[^>]*action="([^"]*)"/.exec(text)?.[1] ?? base;
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of text.matchAll(
    /<input type="hidden" name="([^"]*)" value="([^"]*)">/g,
  )) {
    fields.set(plain(name), plain(value));
  }
  return { action: new URL(plain(action), base).href, fields };
}

function plain(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
