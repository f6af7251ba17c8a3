import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it } from '@jest/globals';
import { FaultPlan } from './fault-plan.ts';

const all = () => true;
const only = (wanted: string) => (request: string) => request === wanted;

/** What each request is struck by. */
const struck = (plan: FaultPlan<string, string>, ...requests: readonly string[]) =>
  requests.map((request) => plan.take(request)?.fault);

it('strikes by the oldest fault that fits, as many times as is said', () => {
  const plan = new FaultPlan<string, string>();
  const once = plan.add('once', only('GET'), 1);
  const never = plan.add('never', all, 0);
  const twice = plan.add('twice', all, 2);
  expect(struck(plan, 'PUT', 'GET', 'GET', 'GET')).toEqual(['twice', 'once', 'twice', undefined]);
  expect([once.hits, never.hits, twice.hits]).toEqual([1, 0, 2]);
});

it('strikes for ever without a number, until it is removed', () => {
  const plan = new FaultPlan<string, string>();
  const first = plan.add('first', all);
  plan.add('second', all);
  expect(struck(plan, ...'abcdef')).toEqual(Array(6).fill('first'));
  first.remove();
  first.remove();
  expect(struck(plan, 'a')).toEqual(['second']);
  plan.clear();
  expect(struck(plan, 'a')).toEqual([undefined]);
  expect(first.hits).toBe(6);
});

it('asks once whether a fault fits, and not about what an older one strikes', () => {
  const plan = new FaultPlan<string, string>();
  const asked: string[] = [];
  plan.add('older', only('GET'));
  plan.add('younger', (request) => asked.push(request) > 1);
  expect(struck(plan, 'GET', 'PUT', 'PUT')).toEqual(['older', undefined, 'younger']);
  expect(asked).toEqual(['PUT', 'PUT']);
});

it('lets a fault be used up without a hit', () => {
  const plan = new FaultPlan<string, string>();
  const active = plan.add('busy', all, 3);
  const busy = plan.find((fault) => fault === 'busy');
  busy?.use();
  expect(struck(plan, 'a')).toEqual(['busy']);
  expect([active.hits, busy?.uses, busy?.times]).toEqual([1, 2, 3]);
  busy?.use();
  expect(struck(plan, 'a')).toEqual([undefined]);
  expect(plan.find(all)).toBeUndefined();
});

it('holds answers until it is released, and forgets those of clients that are gone', () => {
  const plan = new FaultPlan<string, string>();
  const active = plan.add('hang', all);
  const planned = plan.take('a');
  const answered: string[] = [];
  const [here, gone] = [new EventEmitter(), new EventEmitter()] as unknown as ServerResponse[];
  planned?.hold(here as ServerResponse, () => answered.push('here'));
  planned?.hold(gone as ServerResponse, () => answered.push('gone'));
  gone?.emit('close');
  active.remove();
  expect(answered).toEqual([]);
  active.release();
  active.release();
  expect(answered).toEqual(['here']);
});
