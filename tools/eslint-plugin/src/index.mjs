// House rules. Each message says what to do instead. Where they apply is said in eslint.config.mjs at the root.
import { containerOnly } from './rules/container-only.mjs';
import { fileLength } from './rules/file-length.mjs';
import { houseWords } from './rules/house-words.mjs';
import { injectEveryParameter } from './rules/inject-every-parameter.mjs';
import { noBarrelButIndex } from './rules/no-barrel-but-index.mjs';
import { noConsoleOrExit } from './rules/no-console-or-exit.mjs';
import { noDefaultExportButPlugin } from './rules/no-default-export-but-plugin.mjs';
import { noEnum } from './rules/no-enum.mjs';
import { noIdleTest } from './rules/no-idle-test.mjs';
import { noLateImportInDecoratedClass } from './rules/no-late-import-in-decorated-class.mjs';
import { privateFields } from './rules/private-fields.mjs';

export default {
  meta: { name: '@slipline/eslint-plugin' },
  rules: {
    'container-only': containerOnly,
    'file-length': fileLength,
    'house-words': houseWords,
    'inject-every-parameter': injectEveryParameter,
    'no-barrel-but-index': noBarrelButIndex,
    'no-console-or-exit': noConsoleOrExit,
    'no-default-export-but-plugin': noDefaultExportButPlugin,
    'no-enum': noEnum,
    'no-idle-test': noIdleTest,
    'no-late-import-in-decorated-class': noLateImportInDecoratedClass,
    'private-fields': privateFields,
  },
};
