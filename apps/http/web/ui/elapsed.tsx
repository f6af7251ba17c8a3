import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { elapsed, moment } from '../text/times.ts';

/** How long ago, kept up to date. */
export function Elapsed({ since }: { readonly since: string | undefined }): JSX.Element {
  const [text, setText] = useState(() => elapsed(since, Date.now()));
  useEffect(() => {
    const tell = (): void => setText(elapsed(since, Date.now()));
    tell();
    const timer = setInterval(tell, 1000);
    return () => clearInterval(timer);
  }, [since]);
  if (text === '') return <span class="muted">—</span>;
  return (
    <time dateTime={since} title={moment(since)}>
      {text}
    </time>
  );
}
