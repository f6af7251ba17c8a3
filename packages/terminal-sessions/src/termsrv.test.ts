import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeStub, encodeStub, MsrpcError, type Fields, type RpcInterface } from '@slipline/msrpc';
import { RCM_PUBLIC, readClientData } from './termsrv-client-data.ts';
import { SESSION_STATES, TERMSRV_ENUMERATION } from './termsrv-enumeration.ts';
import { LEGACY_API } from './termsrv-legacy.ts';
import { TERMSRV_NOTIFICATION, TERMSRV_SESSION } from './termsrv-session.ts';

type Values = Readonly<Record<string, unknown>>;

interface Vector {
  readonly iface: string;
  readonly op: number;
  readonly name: string;
  readonly request: string;
  readonly response: string;
  readonly decoded: { readonly request: Values; readonly response: Values };
}

/** Clear stubs: requests written from the IDL, responses marshalled by other programs, with padding that is not zero. */
const VECTORS = JSON.parse(readFileSync(new URL('tsts-vectors.json', import.meta.url), 'utf8')) as Vector[];
const TABLES: readonly RpcInterface[] = [
  TERMSRV_ENUMERATION,
  TERMSRV_SESSION,
  TERMSRV_NOTIFICATION,
  RCM_PUBLIC,
  LEGACY_API,
];

function operationOf({ iface, name, op }: Vector): { readonly request: Fields; readonly response: Fields } {
  const operation = TABLES.find(({ uuid }) => uuid === iface)?.operations[name];
  expect(operation?.opnum).toBe(op);
  return operation!;
}

const FLAGS = ['invert', 'doNotWait', 'wait'];

/** A parameter as the table takes it, from how the vectors write it down. */
function parameter(name: string, value: unknown): unknown {
  if (name === 'handle') return Buffer.from(value as string, 'hex');
  if (name === 'state') return SESSION_STATES.indexOf(value as (typeof SESSION_STATES)[number]);
  return FLAGS.includes(name) ? value === 1 : value;
}

/** A result as the vectors write it down. */
function written(name: string, value: unknown): unknown {
  if (name === 'handle') return Buffer.from(value as Uint8Array).toString('hex');
  if (name === 'state') return SESSION_STATES[value as number];
  if (name === 'hresult' || name === 'result')
    return `0x${((value as number) >>> 0).toString(16).padStart(8, '0')}`;
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'boolean' ? Number(value) : value;
}

function writtenAll(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, written(name, value)]));
}

/** Without the levels and discriminants that the vectors leave out. */
function flattened(values: Values): Values {
  const { sessions, information, data, ...rest } = values as Record<string, never>;
  if (sessions !== undefined)
    return { ...rest, sessions: (sessions as readonly Values[]).map(armOf).map(writtenAll) };
  if (information !== undefined) {
    const { level } = information as { level: number };
    return { ...rest, level, ...armOf(information), protocolData: undefined };
  }
  return data === undefined
    ? rest
    : { ...rest, client: data && (JSON.parse(JSON.stringify(readClientData(data))) as Values) };
}

function armOf(element: Values): Values {
  return (element as { data: { value: Values } }).data.value;
}

describe('golden vectors', () => {
  it('are all there', () => {
    expect(VECTORS).toHaveLength(32);
  });

  it.each(VECTORS)('$name: the request is equal, octet for octet', (vector) => {
    const values = Object.entries(vector.decoded.request).map(([name, value]) => [
      name,
      parameter(name, value),
    ]);
    const stub = encodeStub(operationOf(vector).request, Object.fromEntries(values) as never);
    expect(Buffer.from(stub).toString('hex')).toBe(vector.request);
  });

  it.each(VECTORS)('$name: the response decodes to what it says', (vector) => {
    const values = decodeStub(operationOf(vector).response, Buffer.from(vector.response, 'hex'));
    const { client, ...expected } = vector.decoded.response as Record<string, Values | undefined>;
    const { client: ours, ...rest } = writtenAll(flattened(values)) as Record<string, Values | undefined>;
    expect(rest).toEqual(expected);
    if (ours) expect(client).toMatchObject(ours);
    else expect(client ?? null).toBe(ours ?? null);
  });

  it.each(VECTORS)('$name: a response that is cut off anywhere is refused', (vector) => {
    const stub = Buffer.from(vector.response, 'hex');
    const { response } = operationOf(vector);
    for (let length = 0; length < stub.length; length += 1) {
      expect(() => decodeStub(response, stub.subarray(0, length))).toThrow(MsrpcError);
    }
  });
});

it('whatever a host answers is read, or refused, and never makes more than it holds', () => {
  const edits = fc.array(fc.record({ at: fc.nat(4096), value: fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff) }));
  fc.assert(
    fc.property(fc.constantFrom(...VECTORS), edits, fc.nat(4096), (vector, made, cut) => {
      const stub = Buffer.from(vector.response, 'hex').subarray(0, Math.max(1, cut));
      for (const { at, value } of made) stub[at % stub.length] = value;
      try {
        const { sessions } = decodeStub(operationOf(vector).response, stub) as {
          sessions?: readonly unknown[];
        };
        expect((sessions ?? []).length * 16).toBeLessThanOrEqual(stub.length);
      } catch (error) {
        expect(error).toBeInstanceOf(MsrpcError);
      }
    }),
    { numRuns: 5000 },
  );
});

describe('client data', () => {
  const blob = Buffer.from(VECTORS.find(({ name }) => name === 'RpcGetClientData')!.response, 'hex').subarray(
    8,
  );

  it('never shows a password', () => {
    blob.write('Hunter2', 124, 'utf16le');
    expect(JSON.stringify(readClientData(blob))).not.toContain('Hunter2');
  });

  it('is read, or refused, whatever is in it, and names nobody in more characters than there is room for', () => {
    const edits = fc.array(
      fc.record({ at: fc.nat(blob.length - 1), value: fc.integer({ max: 255, min: 0 }) }),
    );
    fc.assert(
      fc.property(edits, fc.integer({ min: 1, max: blob.length }), (made, length) => {
        const copy = Buffer.from(blob.subarray(0, length));
        for (const { at, value } of made) copy[at % length] = value;
        try {
          const { clientName, clientAddress } = readClientData(copy);
          expect(clientName.length).toBeLessThanOrEqual(21);
          expect(clientAddress.length).toBeLessThanOrEqual(31);
        } catch (error) {
          expect(error).toBeInstanceOf(MsrpcError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused where it is cut off', () => {
    expect(() => readClientData(blob.subarray(0, 2000))).toThrow(MsrpcError);
  });
});

describe('remote addresses', () => {
  const { response } = RCM_PUBLIC.operations.RpcGetRemoteAddress;

  it('are IPv4', () => {
    const stub = Buffer.from('020002000d3dabab0a000016000000000000000000000000', 'hex');
    const { address } = decodeStub(response, stub);
    expect(address.data).toMatchObject({ kind: 2, value: { address: 0x1600_000a } });
  });

  it('are IPv6', () => {
    const words = '20010db8000000000000000000000001';
    const stub = Buffer.from(`170017000d3d000000000000${words}0000000000000000`, 'hex');
    const { address } = decodeStub(response, stub);
    expect(address.data).toMatchObject({
      kind: 23,
      value: { address: [0x0120, 0xb80d, 0, 0, 0, 0, 0, 0x0100] },
    });
  });
});
