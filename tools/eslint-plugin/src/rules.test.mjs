import { describe, it } from '@jest/globals';
import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import plugin from './index.mjs';

RuleTester.describe = describe;
RuleTester.it = it;
RuleTester.itOnly = it;

const tester = new RuleTester({ languageOptions: { parser: tseslint.parser } });

const core = '/work/packages/core/src';
const breach = [{ messageId: 'breach' }];

const invalid = (code, filename = `${core}/session.ts`, errors = breach) => ({ code, filename, errors });
const valid = (code, filename = `${core}/session.ts`) => ({ code, filename });
const lines = (count) => 'export {};\n'.repeat(count);

/** By rule: code that is fine, and a planted breach for each way to break it. */
const cases = {
  'inject-every-parameter': {
    valid: [
      valid(
        '@injectable() class A { constructor(@inject(LOG) log: Logger, @inject(CLOCK) clock: Clock) {} }',
      ),
      valid('class A { constructor(log: Logger) {} }'),
      valid('@injectable() class A { with(log: Logger) {} }'),
    ],
    invalid: [
      invalid('@injectable() class A { constructor(log: Logger) {} }'),
      invalid('@injectable() class A { constructor(@inject(LOG) log: Logger, clock: Clock) {} }'),
      invalid('@injectable() class A { constructor(readonly log: Logger) {} }'),
      invalid('@injectable() class A { constructor(log: Logger = silent) {} }'),
      invalid('@injectable() class A { constructor(@optional() log: Logger) {} }'),
    ],
  },
  'no-enum': {
    valid: [valid("const EFFECTS = ['end'] as const; type Effect = (typeof EFFECTS)[number];")],
    invalid: [invalid('enum Effect { End }'), invalid('export const enum Effect { End }')],
  },
  'no-barrel-but-index': {
    valid: [
      valid("export * from './session.ts';", `${core}/index.ts`),
      valid("import { a } from './a.ts'; const b = a; export { b };"),
      valid("export { Agent, fetch } from 'undici';"),
    ],
    invalid: [
      invalid("export * from './session.ts';"),
      invalid("export { a } from './a.ts';"),
      invalid("export type { A } from './a.ts';"),
    ],
  },
  'no-console-or-exit': {
    valid: [
      valid(
        'process.env; process.on("exit", end); log.info("x"); function f(console: Logger) { console.log("x"); }',
      ),
    ],
    invalid: [
      invalid("console.log('x');"),
      invalid("console['error']('x');"),
      invalid('process.exit(1);'),
      invalid('process.exitCode = 1;'),
      invalid('process.abort();'),
      invalid("import { exit } from 'node:process';"),
    ],
  },
  'no-default-export-but-plugin': {
    valid: [
      valid("export { wsman, wsman as default } from './plugin.ts';", '/work/packages/wsman/src/index.ts'),
      valid('export const a = 1;'),
    ],
    invalid: [
      invalid('export default class A {}'),
      invalid('const a = 1; export { a as default };'),
      invalid('export default 1;', `${core}/index.ts`),
    ],
  },
  'no-idle-test': {
    valid: [valid("it('runs', () => {}); describe('a', () => {}); it.each([1])('runs %d', () => {});")],
    invalid: [
      invalid("it.skip('runs', () => {});"),
      invalid("describe.only('a', () => {});"),
      invalid("it.todo('runs');"),
      invalid("test.only.each([1])('runs', () => {});"),
      invalid("xit('runs', () => {});"),
      invalid("fdescribe('runs', () => {});"),
    ],
  },
  'private-fields': {
    valid: [valid('class A { readonly #a = 1; #b() {} private constructor() {} protected c = 1; }')],
    invalid: [
      invalid('class A { private a = 1; }'),
      invalid('class A { private static b() {} }'),
      invalid('class A { private get c() { return 1; } }'),
      invalid('class A { constructor(private readonly d: number) {} }'),
      invalid('class A { private accessor e = 1; }'),
    ],
  },
  'container-only': {
    valid: [
      valid("import 'reflect-metadata'; import { inject } from 'tsyringe';", `${core}/container/index.ts`),
      valid("import { inject } from '@slipline/core/container';"),
    ],
    invalid: [
      invalid("import { inject } from 'tsyringe';"),
      invalid("import 'reflect-metadata';"),
      invalid("import 'reflect-metadata/lite';"),
      invalid("export { inject } from 'tsyringe';"),
      invalid("export * from 'tsyringe';"),
      invalid("await import('tsyringe');"),
      invalid("import { inject } from 'tsyringe';", '/work/packages/wsman/src/container/index.ts'),
    ],
  },
  'no-late-import-in-decorated-class': {
    valid: [
      valid("class A { async b() { await import('./b.ts'); } }"),
      valid("const b = () => import('./b.ts'); @injectable() class A { c() { return b(); } }"),
      valid("@injectable() class A { c() { return import('ws'); } }"),
    ],
    invalid: [
      invalid("@injectable() class A { async b() { await import('./b.ts'); } }"),
      invalid("@injectable() class A { readonly #b = () => import('../b.mts'); }"),
      invalid("class A { constructor(@inject(LOG) log: Logger) {} b() { return import('./b.ts'); } }"),
      invalid("const a = @injectable() class { b() { return import('./b.ts'); } };"),
    ],
  },
  'file-length': {
    valid: [valid(lines(300))],
    invalid: [invalid(lines(301))],
  },
  'house-words': {
    valid: [
      valid('const message = 1; function ask(request: Request) {} interface Wire { msg: string }'),
      valid('response.res.opts; ({ msg: 1 }); const KRB_AP_REQ = 14; const IPV4 = /x/;'),
      valid(
        'class IPv4Address {} interface Identity {} interface Iterable {} class Implement {} class Manage {}',
      ),
    ],
    invalid: [
      ...[
        'const msg = 1;',
        'let { body: res } = answer;',
        'function ask(req: Request) {}',
        'const ask = ({ opts }) => {};',
        'const ask = (first: number, ...opts: number[]) => {};',
        'try {} catch (msg) {}',
        "import { opts } from 'other';",
        'class A { #cfg = 1; }',
        'class A { sendReq() {} }',
        'class A { constructor(readonly requestOpts: Options) {} }',
        'interface A { send(msg: string): void }',
        'interface A { parseRes(): void }',
        'type Send = (msg: string) => void;',
        'const first_msg = 1;',
        'interface Opts {}',
      ].map((code) => invalid(code, undefined, [{ messageId: 'short' }])),
      ...[
        'class StoreImpl {}',
        'class SessionManager {}',
        'interface DateHelper {}',
        'type TimeUtils = object;',
      ].map((code) => invalid(code, undefined, [{ messageId: 'empty' }])),
      invalid('interface IProvider {}', undefined, [{ messageId: 'hungarian' }]),
    ],
  },
};

for (const [name, { valid, invalid }] of Object.entries(cases))
  tester.run(name, plugin.rules[name], { valid, invalid });
