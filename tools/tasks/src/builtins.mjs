// Node's own modules in bundles. To import or require one makes Node read every export of it, and some of those load much
// that a command does not need; `process.getBuiltinModule` reads none.
const NAMESPACE = 'builtin';

/** An esbuild plugin: static imports of `node:` modules become look-ups. */
export const builtins = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: NAMESPACE, sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({ contents: lookUps(path) }));
  },
};

/** A module with the same names, each looked up only where it is used: esbuild drops the others. */
function lookUps(path) {
  const names = Object.keys(process.getBuiltinModule(path)).filter((name) => /^[a-zA-Z_$][\w$]*$/.test(name));
  return [
    `const builtin = /* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(path)});`,
    'export default builtin;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`),
  ].join('\n');
}
