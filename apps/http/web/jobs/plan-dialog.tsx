import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { Missing, Plan } from '../api/types.ts';
import { usePage } from '../page.ts';
import { count, EFFECT_NAMES, EFFECT_WORDS, listed, plural } from '../text/words.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Facts } from '../ui/facts.tsx';
import { Notice, ProblemNotice } from '../ui/notice.tsx';
import { effectsOf, isConfirmed, mayRemain, systemsOf } from './plan-facts.ts';

interface PlanDialogProps {
  readonly plan: Plan;
  readonly onClose: () => void;
}

/** What would be done, before anything is. */
export function PlanDialog({ plan, onClose }: PlanDialogProps): JSX.Element {
  const { desk } = usePage();
  const [typed, setTyped] = useState('');
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const once = useRef(crypto.randomUUID());
  const reasonId = useId();
  const nameId = useId();
  const { steps, problems, people, danger } = plan;
  const effects = effectsOf(plan);
  const systems = systemsOf(plan);

  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || isSending || !isConfirmed(plan, typed)) return;
    const given = new FormData(event.target);
    const reason = textOf(given.get('reason'));
    const confirmName = danger.level === 'severe' ? danger.name : undefined;
    setSending(true);
    setProblem(undefined);
    try {
      const verify = given.get('verify') === 'on';
      await desk.begin(
        plan,
        { confirmName, verify, reason: reason === '' ? undefined : reason },
        once.current,
      );
      onClose();
    } catch (error) {
      setProblem(error);
      setSending(false);
    }
  };

  return (
    <Dialog title={`Disconnect ${plural(steps.length, 'session')}?`} onClose={onClose}>
      <form class="dialog-form" onSubmit={(event) => void onSubmit(event)}>
        <div class="dialog-body">
          {steps.length > 0 && (
            <Facts
              facts={[
                ...effects.map(({ effect, sessions }) => {
                  const which = effects.length > 1 ? ` (${count(sessions)})` : '';
                  return [`${EFFECT_NAMES[effect]}${which}`, EFFECT_WORDS[effect]] as const;
                }),
                ['People', `${count(people.length)}: ${listed(people, 6)}`],
                ['Systems', `${count(systems.length)}: ${listed(systems, 6)}`],
                ['May remain', mayRemain(effects).join(' ')],
              ]}
            />
          )}
          {danger.level !== 'none' && steps.length > 0 && (
            <Notice kind={danger.level === 'severe' ? 'warning' : 'note'}>
              <p>You are asked because {danger.why}.</p>
            </Notice>
          )}
          <LeftOut problems={problems} />
          {steps.length > 0 && (
            <>
              <div class="field">
                <label for={reasonId}>Reason, for the receipts</label>
                <input id={reasonId} name="reason" maxLength={500} autocomplete="off" />
              </div>
              <label class="tick">
                <input type="checkbox" name="verify" defaultChecked />
                Ask the systems afterwards whether it has taken hold
              </label>
              {danger.level === 'severe' && (
                <div class="field">
                  <label for={nameId}>
                    Type <strong class="to-type">{danger.name}</strong> to confirm
                  </label>
                  <input
                    id={nameId}
                    value={typed}
                    autocomplete="off"
                    spellcheck={false}
                    onInput={(event) => setTyped(event.currentTarget.value)}
                  />
                </div>
              )}
            </>
          )}
          {problem !== undefined && <ProblemNotice error={problem} />}
        </div>
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>
            {steps.length > 0 ? 'Keep them' : 'Close'}
          </button>
          {steps.length > 0 && (
            <button type="submit" class="button danger" disabled={isSending || !isConfirmed(plan, typed)}>
              Disconnect {plural(steps.length, 'session')}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}

const textOf = (value: FormDataEntryValue | null): string => (typeof value === 'string' ? value.trim() : '');

const FEW = 3;

/** Which sessions cannot take it, and why. */
function LeftOut({ problems }: { readonly problems: readonly Missing[] }): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <details class="left-out" open={problems.length <= FEW}>
      <summary>{plural(problems.length, 'session')} left out, and why</summary>
      <ul class="problem-list">
        {problems.map(({ provider, endpoint, session, error }, index) => (
          <li key={index}>
            <strong>{session?.label ?? endpoint ?? provider}</strong>: {error.message}
            {error.next !== undefined && <small>Next: {error.next}</small>}
          </li>
        ))}
      </ul>
    </details>
  );
}
