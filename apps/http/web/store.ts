import { useEffect, useState } from 'preact/hooks';

/** A value that is shown, and who shows it. */
export interface Store<T> {
  readonly get: () => T;
  readonly update: (change: (value: T) => T) => void;
  /** Answers what ends it. */
  readonly subscribe: (listen: () => void) => () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    update: (change) => {
      const changed = change(value);
      if (Object.is(changed, value)) return;
      value = changed;
      for (const listen of [...listeners]) listen();
    },
    subscribe: (listen) => {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
  };
}

/** The store's value; what uses it is drawn again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(store.get);
  useEffect(() => {
    const take = (): void => setValue(() => store.get());
    take();
    return store.subscribe(take);
  }, [store]);
  return value;
}
