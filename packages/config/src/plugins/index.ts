export { isPackageName } from './plugin-module.ts';
export {
  findProviders,
  missingProvider,
  type BrokenPlugin,
  type InstalledProvider,
  type Program,
  type Providers,
} from './providers.ts';
