import { DisconnectError } from '@slipline/core';
import { SaxesParser, type SaxesTagNS } from 'saxes';

/** One element, by its namespace and local name: prefixes mean nothing beyond the document they stand in. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** Without a namespace by their name, others as `{namespace}name`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All of its own text, without that of its children. */
  readonly text: string;
  /** The text where it is a qualified name, as `{namespace}name`. */
  readonly qualified: string | undefined;
}

const LARGEST = 4 * 1024 * 1024;
const DEEPEST = 64;
const MOST_ELEMENTS = 100_000;
const MOST_ATTRIBUTES = 64;
const QUALIFIED_NAME = /^([A-Za-z_][\w.-]*):([A-Za-z_][\w.-]*)$/;

interface Open {
  readonly element: XmlElement & { readonly children: XmlElement[] };
  readonly texts: string[];
}

/**
 * The root of a document: strict, with namespaces, without a document type, processing instructions or entities of its own.
 * Throws `protocol` for anything else, and beyond 4 MiB, 64 levels or 100,000 elements.
 */
export function parseXml(text: string): XmlElement {
  if (text.length > LARGEST) throw refused('it is too large');
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  parser.on('error', (error) => {
    // What saxes says repeats what it read; a server may have put anything there.
    throw refused('it is not well-formed', error);
  });
  parser.on('doctype', () => {
    throw refused('it brings a document type of its own');
  });
  parser.on('processinginstruction', () => {
    throw refused('it holds instructions');
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (elements > MOST_ELEMENTS) throw refused('it has too many elements');
    if (open.length >= DEEPEST) throw refused('it is nested too deeply');
    open.push({ element: elementOf(tag), texts: [] });
  });
  const onText = (part: string): void => void open.at(-1)?.texts.push(part);
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    const { element, texts } = open.pop()!;
    const own = texts.join('');
    const closed = {
      ...element,
      text: own,
      qualified: qualifiedName(own, (prefix) => parser.resolve(prefix)),
    };
    const parent = open.at(-1);
    if (parent === undefined) root = closed;
    else parent.element.children.push(closed);
  });
  parser.write(text.startsWith('\uFEFF') ? text.slice(1) : text).close();
  if (root === undefined) throw refused('it is empty');
  return root;
}

export function childOf(
  parent: XmlElement | undefined,
  namespace: string,
  name: string,
): XmlElement | undefined {
  return parent?.children.find((child) => child.namespace === namespace && child.name === name);
}

export function childrenOf(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return parent.children.filter((child) => child.namespace === namespace && child.name === name);
}

/** The text of a child without what surrounds it; `undefined` where there is none. */
export function textOf(parent: XmlElement | undefined, namespace: string, name: string): string | undefined {
  return childOf(parent, namespace, name)?.text.trim() || undefined;
}

const XMLNS = 'http://www.w3.org/2000/xmlns/';

function elementOf({ uri, local, attributes }: SaxesTagNS): Open['element'] {
  return {
    namespace: uri,
    name: local,
    attributes: attributesOf(attributes),
    children: [],
    text: '',
    qualified: undefined,
  };
}

function attributesOf(given: SaxesTagNS['attributes']): Readonly<Record<string, string>> {
  const attributes = Object.create(null) as Record<string, string>;
  let count = 0;
  for (const name in given) {
    const { prefix, uri, local, value } = given[name]!;
    count += 1;
    if (count > MOST_ATTRIBUTES) throw refused('an element has too many attributes');
    if (uri !== XMLNS) attributes[prefix === '' ? local : `{${uri}}${local}`] = value;
  }
  return attributes;
}

function qualifiedName(text: string, resolve: (prefix: string) => string | undefined): string | undefined {
  if (text.length > 200 || !text.includes(':')) return undefined;
  const [, prefix, local] = QUALIFIED_NAME.exec(text.trim()) ?? [];
  const namespace = prefix === undefined ? undefined : resolve(prefix);
  return namespace === undefined ? undefined : `{${namespace}}${local}`;
}

function refused(why: string, cause?: unknown): DisconnectError {
  return new DisconnectError('protocol', `the answer is not XML that this client accepts: ${why}`, {
    next: 'check that WinRM answers at this port and path, and nothing in between',
    mayHaveTakenEffect: true,
    ...(cause !== undefined && { cause }),
  });
}
