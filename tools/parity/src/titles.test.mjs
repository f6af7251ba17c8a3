import { describe, expect, it } from '@jest/globals';
import { hasTest } from './titles.mjs';

const FILE = `
import { describe, expect, it } from '@jest/globals';
describe('logout', () => {
  describe('by number', () => {
    it('ends that session', async () => { expect(1).toBe(1); });
  });
  it.each([['401'], ['404']])('answers %s as gone', (status) => {});
  it.each\`status\n\${500}\`('fails with $status', () => {});
  test(\`says \${'nothing'} twice\`, () => {});
  it.skip('is idle', () => {});
});
describe('suite', () => { for (const { name, run } of checks) it(name, run); });
describe.skip('idle', () => { it('is idle too', () => {}); });
const open = () => it('is declared in a helper (a+b)', () => {});
describe.each([['4.10'], ['5.00']])('version %s', () => { it("asks '/rest/version'", () => {}); });
`;

describe('hasTest', () => {
  it.each([
    'logout > by number > ends that session',
    'logout > answers 404 as gone',
    'logout > fails with 500',
    'suite > whatever a loop may call it',
    'logout > says nothing twice',
    'is declared in a helper (a+b)',
    "version 5.00 > asks '/rest/version'",
  ])('finds %s', (path) => {
    expect(hasTest(FILE, path)).toBe(true);
  });

  it.each([
    'ends that session',
    'by number > ends that session',
    'logout > by number > ends that',
    'logout > by number',
    'suite > by number > ends that session',
    'idle > is idle too',
    'is declared in a helper (aab)',
    'version 5.00',
  ])('does not find %s', (path) => {
    expect(hasTest(FILE, path)).toBe(false);
  });

  it('finds nothing that is only in a comment or a string', () => {
    expect(hasTest(`// it('is here', () => {});\nconst text = "it('is here')";`, 'is here')).toBe(false);
  });

  it('counts no idle test', () => {
    expect(hasTest(`it.skip('is idle', () => {}); it.todo('is idle');`, 'is idle')).toBe(false);
  });
});
