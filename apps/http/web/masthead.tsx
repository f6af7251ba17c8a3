import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { goTo, searchFor, VIEWS, type View } from './address.ts';
import { usePage } from './page.ts';
import { useStore } from './store.ts';
import { Badge } from './ui/badge.tsx';
import { Elapsed } from './ui/elapsed.tsx';
import { Icon } from './ui/icon.tsx';

interface MastheadProps {
  readonly view: View;
  readonly onSignedOut: () => void;
}

const TITLES: Readonly<Record<View, string>> = {
  sessions: 'Sessions',
  watches: 'Watches',
  history: 'History',
  audit: 'Audit',
};

export function Masthead({ view, onSignedOut }: MastheadProps): JSX.Element {
  const { api, me } = usePage();
  const views = VIEWS.filter((one) => one !== 'audit' || me.role === 'auditor');
  useEffect(() => {
    document.title = `${TITLES[view]} · Slipline`;
  }, [view]);
  return (
    <header class="masthead">
      <p class="brand">Slipline</p>
      <nav aria-label="Views">
        {views.map((one) => (
          <a
            key={one}
            href={searchFor(one)}
            aria-current={one === view ? 'page' : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              goTo(one);
            }}
          >
            {TITLES[one]}
          </a>
        ))}
      </nav>
      <div class="masthead-end">
        <LinkState />
        <p class="who" title={`Role: ${me.role}; may see: ${me.scopes.join(', ')}`}>
          {me.user} <span class="muted">({me.role})</span>
        </p>
        <button
          type="button"
          class="button quiet"
          onClick={() => void api.signOut().then(onSignedOut, onSignedOut)}
        >
          Sign out
        </button>
      </div>
      {me.isLab && (
        <p class="lab">
          <strong>Lab: not a real system.</strong> Everything here is an imitation for trying things out.
        </p>
      )}
    </header>
  );
}

/** Whether what is shown is live, said when it changes. */
function LinkState(): JSX.Element {
  const { link, say } = usePage();
  const now = useStore(link);
  useEffect(() => {
    if (now.state === 'lost') say('Connection to the service lost: what is shown may be out of date');
    if (now.state === 'open') say('Live');
  }, [now.state]);
  switch (now.state) {
    case 'opening':
      return <Badge tone="busy" icon="clock" words="Opening…" />;
    case 'open':
      return <Badge tone="good" icon="dot" words="Live" />;
    case 'lost':
      return (
        <span class="badge bad link-lost">
          <Icon name="warn" />
          <span>
            Not live for <Elapsed since={new Date(now.since).toISOString()} />
          </span>
        </span>
      );
    default:
      return now satisfies never;
  }
}
