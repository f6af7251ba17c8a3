import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Notice, ProblemNotice } from '../ui/notice.tsx';

interface SignInViewProps {
  /** Why somebody who was here has to sign in again. */
  readonly isExpired: boolean;
  readonly problem: unknown;
  readonly onKey: (key: string) => Promise<void>;
}

export function SignInView({ isExpired, problem: first, onKey }: SignInViewProps): JSX.Element {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<unknown>(first);
  const [isSending, setSending] = useState(false);
  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const key = input.current?.value.trim() ?? '';
    if (key === '' || isSending) return;
    setSending(true);
    setProblem(undefined);
    try {
      await onKey(key);
    } catch (error) {
      setProblem(error);
      setSending(false);
      input.current?.focus();
    }
  };
  return (
    <main class="sign-in" id="content">
      <h1>Slipline</h1>
      {isExpired && (
        <Notice kind="warning">
          <p>
            <strong>Your sign-in has ended.</strong> Sign in again to go on. Disconnects that were begun go on
            without you.
          </p>
        </Notice>
      )}
      {problem !== undefined && <ProblemNotice error={problem} />}
      <form class="card" onSubmit={(event) => void onSubmit(event)}>
        <h2>Sign in</h2>
        <div class="field">
          <label for={id}>API key</label>
          <input
            id={id}
            ref={input}
            type="password"
            autocomplete="off"
            spellcheck={false}
            aria-describedby={`${id}-help`}
            required
          />
          <p class="help" id={`${id}-help`}>
            It begins with <code>slk_</code>. On the machine that the service runs on,{' '}
            <code>slipline-http keys create</code> makes one, and the address printed at its start signs in
            without.
          </p>
        </div>
        <button type="submit" class="button primary" disabled={isSending}>
          {isSending ? 'One moment…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
