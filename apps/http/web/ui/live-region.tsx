import type { JSX } from 'preact';
import { createStore, useStore } from '../store.ts';

const words = createStore('');
let timer = 0;

/** Says it once nothing else has been said for a moment, so that what changes quickly does not chatter. */
export function announce(text: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => words.update(() => text), 700);
}

/** What is announced, for those who do not look at the page. */
export function LiveRegion(): JSX.Element {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {useStore(words)}
    </div>
  );
}
