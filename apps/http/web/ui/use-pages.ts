import { useEffect, useRef, useState } from 'preact/hooks';
import type { Items } from '../api/types.ts';

interface Pages<T> {
  /** Nothing until the first page has come. */
  readonly items: readonly T[] | undefined;
  readonly problem: unknown;
  readonly hasMore: boolean;
  readonly more: () => void;
}

/** Milliseconds to wait while somebody types. */
const SETTLED = 250;

/** A list that is read page by page, from its beginning whenever `question` changes. */
export function usePages<T>(
  question: string,
  read: (cursor: string | undefined) => Promise<Items<T>>,
): Pages<T> {
  const [items, setItems] = useState<readonly T[]>();
  const [cursor, setCursor] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const turn = useRef(0);
  const load = (from: string | undefined, before: readonly T[]): void => {
    const mine = ++turn.current;
    setProblem(undefined);
    read(from).then(
      (page) => {
        if (mine !== turn.current) return;
        setItems([...before, ...page.items]);
        setCursor(page.nextCursor);
      },
      (error: unknown) => {
        if (mine === turn.current) setProblem(error);
      },
    );
  };
  useEffect(() => {
    const timer = setTimeout(() => load(undefined, []), items === undefined ? 0 : SETTLED);
    return () => clearTimeout(timer);
  }, [question]);
  return { items, problem, hasMore: cursor !== undefined, more: () => load(cursor, items ?? []) };
}
