import { hash } from 'node:crypto';
import { sessionKey, type Session } from '@slipline/core';

/** One session of the table, with what lists are sorted and searched by, and its JSON: what most requests want of it. */
export interface Row {
  readonly key: string;
  readonly session: Session;
  /** `{...session, key}`. */
  readonly json: string;
}

export const SORTS = ['openedAt', 'state', 'principal', 'endpoint', 'provider', 'label'] as const;
export type SortField = (typeof SORTS)[number];

/** So that a cursor stays short, whatever the text is made of. */
const LONGEST_SORTED = 50;

const KEYS = new WeakMap<Session, string>();

/** The name of a session in URLs: opaque, and another one where an id is used again. */
export function keyOf(session: Session): string {
  const known = KEYS.get(session);
  if (known !== undefined) return known;
  const named = `${sessionKey(session)}\0${session.fingerprint}`;
  const key = hash('sha256', named, 'base64url').slice(0, 22);
  KEYS.set(session, key);
  return key;
}

export function rowOf(session: Session, key = keyOf(session)): Row {
  return { key, session, json: JSON.stringify({ ...session, key }) };
}

/** What a row is sorted by: empty where it has nothing there, without regard to case. */
export function sortValue({ session }: Row, field: SortField): string {
  return (session[field] ?? '').toLowerCase().slice(0, LONGEST_SORTED);
}

/** What a search looks through. */
export function searchText({ provider, endpoint, id, kind, label, principal = '' }: Session): string {
  return `${label}\n${principal}\n${endpoint}\n${id}\n${kind}\n${provider}`.toLowerCase();
}
