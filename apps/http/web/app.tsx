import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Api, ApiProblem } from './api/api.ts';
import type { Me } from './api/types.ts';
import { SignInView } from './sign-in/sign-in-view.tsx';
import { SignedIn } from './signed-in.tsx';

type Entry =
  | { readonly state: 'asking' }
  | { readonly state: 'in'; readonly me: Me }
  | { readonly state: 'out'; readonly isExpired: boolean; readonly problem?: unknown };

/** Who is here, before anything is shown. `token` is the one-time token that the address brought. */
export function App({ token }: { readonly token: string | undefined }): JSX.Element {
  const [entry, setEntry] = useState<Entry>({ state: 'asking' });
  const api = useRef<Api | undefined>(undefined);
  api.current ??= new Api(
    (input, options) => fetch(input, options),
    () => setEntry((now) => (now.state === 'in' ? { state: 'out', isExpired: true } : now)),
  );
  const service = api.current;

  useEffect(() => {
    const asked = token === undefined ? service.me() : service.signIn({ token });
    asked.then(
      (me) => setEntry({ state: 'in', me }),
      (error: unknown) => {
        const isStranger = token === undefined && ApiProblem.from(error).status === 401;
        setEntry({ state: 'out', isExpired: false, ...(!isStranger && { problem: error }) });
      },
    );
  }, []);

  switch (entry.state) {
    case 'asking':
      return <p class="nothing">One moment…</p>;
    case 'in':
      return (
        <SignedIn
          key={entry.me.user}
          api={service}
          me={entry.me}
          onSignedOut={() => setEntry({ state: 'out', isExpired: false })}
        />
      );
    case 'out':
      return (
        <SignInView
          isExpired={entry.isExpired}
          problem={entry.problem}
          onKey={async (key) => setEntry({ state: 'in', me: await service.signIn({ key }) })}
        />
      );
    default:
      return entry satisfies never;
  }
}
