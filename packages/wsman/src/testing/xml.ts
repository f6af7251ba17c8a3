import { SaxesParser } from 'saxes';

/** An element with its names resolved. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** By local name, or by `{namespace}name` where the attribute has a namespace. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

/** Envelopes are shallow; Windows refuses far less. */
const MAX_DEPTH = 64;

/** The root of a document without DTD; throws for everything else. */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: OpenElement[] = [];
  let root: OpenElement | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('A document type is not allowed in SOAP.');
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    const element: OpenElement = {
      namespace: uri,
      name: local,
      attributes: new Map(
        Object.values(attributes).map(({ uri: space, local: name, value }) => [
          space === '' ? name : `{${space}}${name}`,
          value,
        ]),
      ),
      children: [],
      text: '',
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    if (open.push(element) > MAX_DEPTH) throw new Error('The document is too deep.');
  });
  const append = (characters: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += characters;
  };
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  if (root === undefined) throw new Error('There is no element.');
  return root;
}

export function child(
  element: XmlElement | undefined,
  namespace: string,
  name: string,
): XmlElement | undefined {
  return element?.children.find((candidate) => candidate.namespace === namespace && candidate.name === name);
}

const SPECIAL = /[&<>"]/;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? '');
}
