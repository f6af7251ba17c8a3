import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** A control of a row, by the row's key and its own name. */
interface Place {
  readonly key: string;
  readonly control: string;
}

interface RowFocus {
  /** Has the focus once the row is drawn. */
  readonly moveTo: (place: Place) => void;
  readonly onFocusIn: (event: FocusEvent) => void;
  readonly onFocusOut: () => void;
}

/** Keeps the focus on its row while rows come and go around it: a browser drops it where an element is moved. */
export function useRowFocus(body: RefObject<HTMLTableSectionElement | null>): RowFocus {
  const wanted = useRef<Place | undefined>(undefined);
  const held = useRef<Place | undefined>(undefined);
  const isDrawing = useRef(true);
  isDrawing.current = true;

  useLayoutEffect(() => {
    isDrawing.current = false;
    const place = wanted.current ?? (document.activeElement === document.body ? held.current : undefined);
    if (place === undefined) return;
    const row = body.current?.querySelector(`[data-key="${CSS.escape(place.key)}"]`);
    const control = row?.querySelector<HTMLElement>(`[data-control="${place.control}"]`);
    control?.focus({ preventScroll: wanted.current === undefined });
    wanted.current = undefined;
  });

  return {
    moveTo: (place) => {
      wanted.current = place;
    },
    onFocusIn: ({ target }) => {
      if (!(target instanceof HTMLElement)) return;
      const key = target.closest<HTMLElement>('[data-key]')?.dataset['key'];
      const control = target.dataset['control'];
      held.current = key === undefined || control === undefined ? undefined : { key, control };
    },
    onFocusOut: () => {
      if (!isDrawing.current) held.current = undefined;
    },
  };
}
