export { entra, entra as default, type EntraOptions, type UserEnvironment } from './plugin.ts';
