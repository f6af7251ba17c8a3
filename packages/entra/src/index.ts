export { entra, entra as default, type EntraOptions } from './plugin.ts';
