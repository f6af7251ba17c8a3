import type { Fields, TourStage } from './tour-stage.ts';

/** One thing that is shown, and how it is known to be true. */
export interface Step {
  /** One line, before its commands. */
  readonly says: string;
  readonly commands: readonly (readonly string[])[];
  /** What was found, in words. Throws where it is not what the step says. */
  check(stage: TourStage): Promise<string>;
}

const PROVIDER = 'hpe-oneview';
const FIRST = 'MyAppliance.domain.com';
const SECOND = 'MyAppliance2.domain.com';

export const STEPS: readonly Step[] = [
  {
    says: 'Sign in twice. Sessions are written down before anything is sent.',
    commands: [
      connect(FIRST, 'Administrator', 'ADMIN_PASSWORD'),
      connect(SECOND, 'auditor', 'AUDITOR_PASSWORD'),
    ],
    async check(stage) {
      const sessions = await stage.ask('ls');
      demand(sessions.length === 2 && sessions.every(isLive), 'the ledger does not list two live sessions.');
      return count(stage, 2);
    },
  },
  {
    says: 'What is open? The ledger on this machine knows; no system is asked.',
    commands: [['ls']],
    async check(stage) {
      demand((await stage.ask('ls')).length === 2, 'two sessions are not listed.');
      demand(stage.requests().all === 0, 'the appliance was asked.');
      return 'the appliance was not asked.';
    },
  },
  {
    says: 'Are they still there? Now each system is asked.',
    commands: [['ls', '--live']],
    async check(stage) {
      const { all, writes } = stage.requests();
      demand(
        all >= 2 && writes === 0,
        `the appliance got ${all} requests, ${writes} of which could change something.`,
      );
      demand((await stage.ask('ls', '--live')).every(isLive), 'not every session is live.');
      return `the appliance was asked ${all} times, and nothing was changed.`;
    },
  },
  {
    says: 'What would a disconnect do? A plan that is not applied: nothing is touched.',
    commands: [['disconnect', PROVIDER, FIRST, '--what-if']],
    async check(stage) {
      demand(stage.requests().writes === 0, 'something was changed.');
      return count(stage, 2);
    },
  },
  {
    says: 'Disconnect it by name. The appliance is asked again: the session is gone.',
    commands: [['disconnect', PROVIDER, FIRST]],
    async check(stage) {
      const [receipt] = await stage.ask('history', '--kind', 'disconnect');
      demand(isVerified(receipt) && endpointOf(receipt) === FIRST, 'no receipt says that it is verified.');
      return count(stage, 1);
    },
  },
  {
    says: 'Plan now, apply later: in between, others can read the plan.',
    commands: [
      ['disconnect', PROVIDER, '--plan', 'plan.json'],
      ['apply', 'plan.json'],
    ],
    async check(stage) {
      demand((await stage.ask('ls')).length === 0, 'the ledger still lists a session.');
      return count(stage, 0);
    },
  },
  {
    says: 'Who did what, and is it proven? Every outcome has its receipt.',
    commands: [['history']],
    async check(stage) {
      const receipts = await stage.ask('history');
      const ends = receipts.filter(({ kind }) => kind === 'disconnect');
      demand(receipts.length === 4 && ends.length === 2, 'there are not two receipts for each session.');
      demand(ends.every(isVerified), 'a disconnect is not verified.');
      return 'two sessions were opened, and two are verified to be gone.';
    },
  },
];

function connect(appliance: string, userName: string, variable: string): readonly string[] {
  return ['connect', PROVIDER, appliance, '--user-name', userName, '--password-env', variable];
}

async function count(stage: TourStage, wanted: number): Promise<string> {
  const found = stage.sessionCount();
  const words = `the appliance itself has ${found === 1 ? '1 session' : `${found} sessions`}.`;
  demand(found === wanted, `${words} It should have ${wanted}.`);
  return words;
}

function demand(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}

function isLive(session: Fields): boolean {
  return session['state'] === 'live';
}

function isVerified(receipt: Fields | undefined): boolean {
  return receipt?.['status'] === 'disconnected' && receipt['verification'] === 'verified';
}

function endpointOf(receipt: Fields | undefined): unknown {
  return (receipt?.['session'] as Fields | undefined)?.['endpoint'];
}
