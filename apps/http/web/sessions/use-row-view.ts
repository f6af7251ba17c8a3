import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

export interface RowView {
  readonly above: number;
  readonly height: number;
  readonly rowHeight: number;
}

const FIRST_GUESS: RowView = { above: 0, height: 1000, rowHeight: 52 };

/** What of a table's body is in view, kept up to date while the window scrolls and changes. */
export function useRowView(body: RefObject<HTMLTableSectionElement | null>, total: number): RowView {
  const [view, setView] = useState(FIRST_GUESS);
  useLayoutEffect(() => {
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const element = body.current;
      if (element === null) return;
      const row = element.querySelector('tr[data-key]');
      const rowHeight = row?.getBoundingClientRect().height || view.rowHeight;
      const next = { above: -element.getBoundingClientRect().top, height: innerHeight, rowHeight };
      setView((now) => (isSame(now, next) ? now : next));
    };
    const later = (): void => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    addEventListener('scroll', later, { passive: true });
    addEventListener('resize', later, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', later);
      removeEventListener('resize', later);
    };
  }, [total]);
  return view;
}

const isSame = (one: RowView, other: RowView): boolean =>
  one.above === other.above && one.height === other.height && one.rowHeight === other.rowHeight;
