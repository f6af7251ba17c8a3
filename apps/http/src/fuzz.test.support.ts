import fc, { type Arbitrary } from 'fast-check';

/** As much of JSON Schema as this API's requests use. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body?: Schema | undefined;
  /** Its answer need not come to an end. */
  readonly isStream: boolean;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly parameters?: readonly Parameter[];
            readonly requestBody?: Content;
            readonly responses: Readonly<Record<string, Content>>;
          }
        >
      >
    >
  >;
}

export function operationsOf(document: OpenApiDocument): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content?.['application/json']?.schema,
      isStream: responses['200']?.content?.['text/event-stream'] !== undefined,
    })),
  );
}

/** One request, ready to be sent. */
export interface FuzzedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string | undefined;
}

/** What there is, so that requests get past the door. */
export interface Known {
  /** Names of things that are there. */
  readonly names: readonly string[];
  /** What makes sense in fields of these names. */
  readonly fields: Readonly<Record<string, readonly unknown[]>>;
}

/** What requests are made of. */
interface Material {
  readonly known: Known;
  /** Whether what does not fit is among it. */
  readonly isWild: boolean;
}

/** Texts that mean something somewhere. */
const texts = ({ known, isWild }: Material): Arbitrary<string> =>
  isWild ? wildTexts(known.names) : fc.constantFrom(...known.names);

const wildTexts = (known: readonly string[]): Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(...known),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      ' ',
      '\0',
      '..',
      '../../etc/passwd',
      '__proto__',
      'constructor',
      'null',
      '-1',
      '1e309',
      '9'.repeat(400),
      '%00',
      '%',
      "' or 1=1 --",
      '{{7*7}}',
      '\u202e\ufeff\u0000',
      '\ud800',
      'a\r\nSet-Cookie: x=y',
      '2026-13-45T99:99:99Z',
      '0000-00-00T00:00:00Z',
      'x'.repeat(3000),
    ),
  );

/** What makes sense in a field of this name, if it is known. */
function fieldOf(name: string, schema: Schema, material: Material): Arbitrary<unknown> {
  const known = Object.hasOwn(material.known.fields, name) ? material.known.fields[name] : undefined;
  if (known === undefined) return valueOf(schema, material);
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: valueOf(schema, material) },
  );
}

/** What the schema describes, and, where it is wild, now and then something else. */
function valueOf(schema: Schema, material: Material): Arbitrary<unknown> {
  const fit = fitting(schema, material);
  if (!material.isWild) return fit;
  const other = fc.oneof(fc.jsonValue({ maxDepth: 3 }), texts(material));
  return fc.oneof({ weight: 6, arbitrary: fit }, { weight: 1, arbitrary: other });
}

function fitting(schema: Schema, material: Material): Arbitrary<unknown> {
  if (schema.oneOf !== undefined)
    return fc.oneof(...schema.oneOf.map((one) => fitting({ type: 'object', ...one }, material)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -10, max: schema.maximum ?? 10 });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, material), { minLength: 1, maxLength: 5 });
    case 'object':
      return objectOf(schema, material);
    default:
      return texts(material);
  }
}

function objectOf({ properties, required = [] }: Schema, material: Material): Arbitrary<unknown> {
  if (properties === undefined)
    return fc.dictionary(texts(material), valueOf({ type: 'string' }, material), { maxKeys: 4 });
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, fieldOf(name, schema, material)]),
  );
  const whole = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
  if (!material.isWild) return whole;
  const more = fc.dictionary(texts(material), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 });
  return fc.oneof(
    { weight: 6, arbitrary: whole },
    { weight: 1, arbitrary: fc.tuple(whole, more).map(([one, other]) => ({ ...one, ...other })) },
  );
}

/** Requests for one operation: half of them such as its description asks for, and half wild ones. */
export function requestsFor(operation: Operation, known: Known): Arbitrary<FuzzedRequest> {
  return fc.oneof(
    requestsOf(operation, { known, isWild: false }),
    requestsOf(operation, { known, isWild: true }),
  );
}

function requestsOf({ path, parameters, body }: Operation, material: Material): Arbitrary<FuzzedRequest> {
  const given = fc.record(
    Object.fromEntries(
      parameters.map(({ name, schema }) => [name, fieldOf(name, schema, material).map(textOf)]),
    ),
    { requiredKeys: parameters.filter(({ required }) => required).map(({ name }) => name) },
  );
  const payload =
    body === undefined
      ? fc.constant(undefined)
      : fc.oneof(
          { weight: 8, arbitrary: valueOf(body, material).map((value) => JSON.stringify(value)) },
          { weight: material.isWild ? 1 : 0, arbitrary: fc.string({ unit: 'binary', maxLength: 100 }) },
        );
  return fc.tuple(given, payload).map(([values, text]) => {
    const inPlace = (place: Parameter['in']): readonly (readonly [string, string])[] =>
      parameters.flatMap(({ name, in: where }) => {
        const value = (values as Readonly<Record<string, string>>)[name];
        return where === place && value !== undefined ? [[name, value] as const] : [];
      });
    const url = inPlace('path').reduce(
      (all, [name, value]) => all.replace(`{${name}}`, encodeURIComponent(wellFormed(value))),
      path,
    );
    const query = new URLSearchParams(Object.fromEntries(inPlace('query'))).toString();
    // What cannot be in a header's value cannot be sent.
    const headers = inPlace('header').map(
      ([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '')] as const,
    );
    return {
      url: query === '' ? url : `${url}?${query}`,
      headers: {
        ...Object.fromEntries(headers),
        ...(text !== undefined && { 'content-type': 'application/json' }),
      },
      payload: text,
    };
  });
}

/** Half a character cannot be part of a URL. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
