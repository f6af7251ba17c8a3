import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Job, Outcome } from '../api/types.ts';
import { usePage } from '../page.ts';
import type { Board } from '../sessions/board.ts';
import { isDone } from '../sessions/board.ts';
import { useStore } from '../store.ts';
import { JOB_STATES, jobWords, listed, plural } from '../text/words.ts';
import { Notice, ProblemNotice } from '../ui/notice.tsx';
import { isOver } from './desk.ts';
import { grouped, remaining } from './outcome-groups.ts';

/** The jobs that this page follows: how far they are, what failed and why, what remains. */
export function JobPanel(): JSX.Element | null {
  const { desk } = usePage();
  const jobs = useStore(desk.jobs);
  if (jobs.length === 0) return null;
  return (
    <section class="jobs" aria-label="Disconnects">
      {jobs.map((job) => (
        <JobCard key={job.id} job={job} />
      ))}
    </section>
  );
}

function JobCard({ job }: { readonly job: Job }): JSX.Element {
  const page = usePage();
  const board = useStore(page.board);
  const [problem, setProblem] = useState<unknown>();
  const [isCancelling, setCancelling] = useState(false);
  const isEnded = isOver(job);
  const done = job.total - job.counts.waiting;
  const outcomes = outcomesOf(board, job);
  const kept = outcomes.filter((outcome) => !isDone(outcome));
  const remains = remaining(job.outcomes ?? outcomes);
  const cancel = (): void => {
    setCancelling(true);
    page.desk.cancel(job.id).catch((error: unknown) => {
      setProblem(error);
      setCancelling(false);
    });
  };
  return (
    <article class={`job ${job.counts.failed > 0 ? 'has-failed' : ''}`}>
      <div class="job-head">
        <p>
          <strong>{JOB_STATES[job.state]}</strong>: {jobWords(job)}
          {job.reason !== undefined && <span class="muted"> · {job.reason}</span>}
        </p>
        {isEnded ? (
          <button type="button" class="button quiet" onClick={() => page.desk.dismiss(job.id)}>
            Dismiss
          </button>
        ) : (
          page.isOperator && (
            <button type="button" class="button" disabled={isCancelling} onClick={cancel}>
              {isCancelling ? 'Cancelling…' : 'Cancel the rest'}
            </button>
          )
        )}
      </div>
      {!isEnded && <progress max={job.total} value={done} aria-label={`${done} of ${job.total} done`} />}
      {kept.length > 0 && (
        <details open={isEnded}>
          <summary>{plural(kept.length, 'session')} not disconnected, still selected</summary>
          <ul class="problem-list">
            {grouped(kept).map(({ words, next, labels }) => (
              <li key={`${words} ${next}`}>
                <strong>{listed(labels)}</strong>: {words}
                {next !== '' && <small>Next: {next}</small>}
              </li>
            ))}
          </ul>
        </details>
      )}
      {remains.length > 0 && (
        <details>
          <summary>Access that remains</summary>
          <ul class="problem-list">
            {remains.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </details>
      )}
      {job.problems?.map((failure) => (
        <Notice key={failure.message} kind="warning">
          <p>{failure.message}</p>
          {failure.next !== undefined && <p>Next: {failure.next}</p>}
        </Notice>
      ))}
      {problem !== undefined && <ProblemNotice error={problem} />}
    </article>
  );
}

function outcomesOf({ marks }: Board, job: Job): readonly Outcome[] {
  return [...marks.values()].flatMap((mark) =>
    mark.job === job.id && mark.phase === 'ended' ? [mark.outcome] : [],
  );
}
