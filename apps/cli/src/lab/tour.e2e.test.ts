import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ENTRY } from '../own-program.ts';
import type { Fields, TourStage } from './tour-stage.ts';
import { STEPS } from './tour-steps.ts';

// A dozen processes, one after the other.
jest.setTimeout(60_000);

describe('slipline lab --tour', () => {
  let folder: string;
  let shown: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipline-tour-'));
    // Throws when it does not end with 0.
    shown = execFileSync(process.execPath, [ENTRY, 'lab', '--tour'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], SLIPLINE_HOME: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('explains each step, shows its commands and their output in order, and what was checked', () => {
    const lines = shown.split('\n');
    let place = 0;
    const next = (start: string): void => {
      const found = lines.findIndex((line, index) => index >= place && line.startsWith(start));
      expect([start, found]).not.toEqual([start, -1]);
      place = found + 1;
    };
    for (const [index, { says, commands }] of STEPS.entries()) {
      next(`${index + 1}. ${says}`);
      for (const [command] of commands) next(`$ slipline ${command}`);
      next('Checked: ');
    }
    next('Next');
    expect(shown).toContain(
      'connected: Administrator on MyAppliance.domain.com (hpe-oneview:1), the default',
    );
    expect(shown).toContain('ended: Administrator on MyAppliance.domain.com (hpe-oneview:1), verified');
    expect(shown).toContain('Checked: the appliance itself has 0 sessions.');
  });

  it('has no colours where nobody sees them, fits 80 columns but for tables, and shows no secret', () => {
    expect(shown).not.toContain('\u001b');
    const isCell = /^(SESSION|WHEN|hpe-oneview:\d|now) /;
    expect(shown.split('\n').filter((line) => line.length > 80 && !isCell.test(line))).toEqual([]);
    expect(shown).not.toMatch(/[0-9a-f]{18}/);
  });

  it('leaves the person’s own home alone', () => {
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a step', () => {
  const receipt = (endpoint: string, verification = 'verified'): Fields => ({
    kind: 'disconnect',
    status: 'disconnected',
    verification,
    session: { endpoint },
  });
  const live = { state: 'live' };
  const first = receipt('MyAppliance.domain.com');
  const second = receipt('MyAppliance2.domain.com');

  interface Facts {
    readonly sessions?: readonly Fields[];
    readonly receipts?: readonly Fields[];
    readonly count?: number;
    readonly all?: number;
    readonly writes?: number;
  }

  const stage = ({ sessions = [], receipts = [], count = 0, all = 0, writes = 0 }: Facts): TourStage =>
    ({
      ask: async (command: string) => (command === 'ls' ? sessions : receipts),
      sessionCount: () => count,
      requests: () => ({ all, writes }),
    }) as unknown as TourStage;

  const two = [live, live];
  const connects = [{ kind: 'connect' }, { kind: 'connect' }];

  /** For each step: facts with which it is true, and facts of which each makes it fail. */
  const cases: readonly (readonly [Facts, readonly Facts[]])[] = [
    [
      { sessions: two, count: 2 },
      [{ sessions: [live] }, { sessions: [live, { state: 'unknown' }] }, { count: 1 }],
    ],
    [{ sessions: two, all: 0 }, [{ sessions: [live] }, { all: 1 }]],
    [{ sessions: two, all: 2 }, [{ sessions: [live, { state: 'closed' }] }, { all: 1 }, { writes: 1 }]],
    [{ count: 2 }, [{ count: 1 }, { writes: 1 }]],
    [
      { receipts: [first], count: 1 },
      [
        { count: 2 },
        { receipts: [] },
        { receipts: [second] },
        { receipts: [receipt('MyAppliance.domain.com', 'pending')] },
      ],
    ],
    [{ sessions: [], count: 0 }, [{ sessions: [live] }, { count: 1 }]],
    [
      { receipts: [second, first, ...connects] },
      [{ receipts: [first, ...connects] }, { receipts: [second, receipt('x', 'not-checked'), ...connects] }],
    ],
  ];

  it.each(STEPS.map((step, index) => [index + 1, step.says, index] as const))(
    '%d is done only when it is true: %s',
    async (_n, _says, index) => {
      const [facts, faults] = cases[index] ?? [{}, []];
      const step = STEPS[index];
      expect(await step?.check(stage(facts))).toMatch(/\.$/);
      expect(faults.length).toBeGreaterThan(1);
      for (const fault of faults) await expect(step?.check(stage({ ...facts, ...fault }))).rejects.toThrow();
    },
  );
});
