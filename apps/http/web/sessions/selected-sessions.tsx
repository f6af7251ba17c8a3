import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Effect, ListedSession, Plan } from '../api/types.ts';
import { PlanDialog } from '../jobs/plan-dialog.tsx';
import { usePage } from '../page.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { select } from './board.ts';
import { SelectionBar } from './selection-bar.tsx';

interface SelectedSessionsProps {
  readonly sessions: readonly ListedSession[];
  /** How many of them the filter hides. */
  readonly hidden: number;
}

/** What is selected, and the plan of what would be done to it. A plan that is being read outlives the selection. */
export function SelectedSessions({ sessions, hidden }: SelectedSessionsProps): JSX.Element {
  const { api, board } = usePage();
  const [plan, setPlan] = useState<Plan>();
  const [isPlanning, setPlanning] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const keys = sessions.map(({ key }) => key);

  const onPlan = async (effect: Effect | undefined): Promise<void> => {
    setPlanning(true);
    setProblem(undefined);
    try {
      setPlan(await api.post<Plan>('/v1/plans', { sessions: keys, ...(effect !== undefined && { effect }) }));
    } catch (error) {
      setProblem(error);
    } finally {
      setPlanning(false);
    }
  };

  return (
    <>
      {problem !== undefined && <ProblemNotice error={problem} />}
      {sessions.length > 0 && (
        <SelectionBar
          sessions={sessions}
          hidden={hidden}
          isPlanning={isPlanning}
          onPlan={(effect) => void onPlan(effect)}
          onClear={() => board.update((now) => select(now, keys, false))}
        />
      )}
      {plan !== undefined && <PlanDialog plan={plan} onClose={() => setPlan(undefined)} />}
    </>
  );
}
