import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ByteReader, type RpcCall } from '@slipline/msrpc/testing';
import { clientService } from './client-service.ts';
import { Desktops } from './desktops.ts';
import { enumerationService } from './enumeration-service.ts';
import { legacyService } from './legacy-service.ts';
import { sessionService } from './session-service.ts';

interface Vector {
  readonly interface: string;
  readonly op: number;
  readonly name: string;
  readonly request: string;
  readonly response: string;
}

const VECTORS = JSON.parse(
  readFileSync(new URL('../tsts-vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];
const HANDLE = /^00000000(?!0{32})[0-9a-f]{32}/;

/** The host that the vectors were recorded from. */
function recordedHost(): Desktops {
  const desktops = new Desktops(() => Date.UTC(2023, 10, 14, 22, 13, 20));
  const client = { name: 'LAPTOP-AS', address: '10.0.0.22' };
  desktops.logOn({ userName: 'jdoe', loggedOn: 7_200_000, lastInput: 65_000 });
  const logon = { loggedOn: 14_400_000, lastInput: 1_800_000 };
  desktops.logOn({ userName: 'asmith', client, ...logon });
  desktops.logOn({ userName: 'svc-backup', ...logon });
  desktops.disconnect(4);
  return desktops;
}

/** Where a host may write what it likes: referents, padding, handles. */
function isFree(theirs: string, ours: string): boolean {
  const octets = [...theirs.matchAll(/../g)].map(String);
  const mine = [...ours.matchAll(/../g)].map(String);
  return octets.every((octet, place) => {
    if (octet === mine[place]) return true;
    if (octet === 'ab' || octet === 'bf' || mine[place] === 'bf') return true;
    const start = place - (place % 4);
    const word = Buffer.from(octets.slice(start, start + 4).join(''), 'hex').readUInt32LE();
    // Counts are smaller, two characters are more; a referent stands for a referent.
    return word >= 4096 && word < 0x30000 && mine.slice(start, start + 4).join('') !== '00000000';
  });
}

describe('the fake host', () => {
  it('answers every recorded request as it was answered', async () => {
    const desktops = recordedHost();
    const services = [
      enumerationService(desktops),
      sessionService(desktops),
      clientService(desktops),
      legacyService(desktops),
    ];
    const call: RpcCall = { userName: 'opadmin', pipe: {} };
    const handles = new Map<string, string>();
    for (const vector of VECTORS) {
      const request = [...handles].reduce(
        (text, [recorded, own]) => text.replace(recorded, own),
        vector.request,
      );
      const operation = services.find(({ name }) => name === vector.interface)?.operations[vector.op];
      const stub = new ByteReader(Buffer.from(request, 'hex'));
      const response = Buffer.from((await operation?.(stub, call)) ?? []).toString('hex');
      const at = vector.name === 'RpcWinStationOpenServer' ? 8 : 0;
      const [theirs, ours] = [vector.response.slice(at), response.slice(at)];
      if (HANDLE.test(theirs)) handles.set(theirs.slice(0, 40), ours.slice(0, 40));
      else
        expect({
          name: vector.name,
          isFree: isFree(vector.response, response),
          length: response.length,
        }).toEqual({ name: vector.name, isFree: true, length: vector.response.length });
    }
  });
});
