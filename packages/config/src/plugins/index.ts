export { isPackageName } from './plugin-module.ts';
export { installCommand, type Program } from './program.ts';
export {
  findProviders,
  missingProvider,
  type BrokenPlugin,
  type InstalledProvider,
  type Providers,
} from './providers.ts';
