// The tests that a file holds, read without running it.
import ts from 'typescript';

const BLOCKS = ['describe'];
const TESTS = ['it', 'test'];
const IDLE = ['skip', 'todo'];
/** What a title made at run time may be: it does not reach into the next block. */
const ANYTHING = '(?:(?! > ).)*';

/**
 * Whether a test file has a test called `describe > … > title`. Titles that are made when the file runs (`it.each`,
 * templates, variables) match whatever could come out of them.
 */
export function hasTest(text, path) {
  const file = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  return testsBelow(file, []).some((parts) => new RegExp(`^${parts.join(' > ')}$`, 'su').test(path));
}

/** The tests below a node, each as the patterns of its blocks' titles and its own. */
function testsBelow(node, blocks) {
  const call = ts.isCallExpression(node) ? declaration(node) : undefined;
  if (call?.isIdle) return [];
  if (call?.isTest) return [[...blocks, call.title]];
  const inner = call === undefined ? blocks : [...blocks, call.title];
  const tests = [];
  ts.forEachChild(node, (child) => void tests.push(...testsBelow(child, inner)));
  return tests;
}

/** What `describe(…)`, `it.each(table)(…)` and their like declare; `undefined` for any other call. */
function declaration(call) {
  let callee = call.expression;
  const hasTable = ts.isCallExpression(callee) || ts.isTaggedTemplateExpression(callee);
  if (hasTable) callee = callee.tag ?? callee.expression;
  const modifiers = [];
  for (; ts.isPropertyAccessExpression(callee); callee = callee.expression) modifiers.push(callee.name.text);
  if (!ts.isIdentifier(callee) || ![...BLOCKS, ...TESTS].includes(callee.text)) return undefined;
  // `it.each(table)` is called once more with the title; only that call declares a test.
  if (modifiers.includes('each') !== hasTable) return undefined;
  return {
    isTest: TESTS.includes(callee.text),
    isIdle: modifiers.some((modifier) => IDLE.includes(modifier)),
    title: titlePattern(call.arguments[0], hasTable),
  };
}

function titlePattern(argument, hasTable) {
  if (argument === undefined) return ANYTHING;
  if (ts.isStringLiteralLike(argument)) return hasTable ? filled(argument.text) : literally(argument.text);
  if (!ts.isTemplateExpression(argument)) return ANYTHING;
  return [argument.head, ...argument.templateSpans.map((span) => span.literal)]
    .map((part) => literally(part.text))
    .join(ANYTHING);
}

/** A title whose `%s` and `$name` a table fills. */
const filled = (title) =>
  title
    .split(/%[a-zA-Z#%]|\$[\w.#]+/)
    .map(literally)
    .join(ANYTHING);

const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
