export { hpeOneView, hpeOneView as default, type HpeOneViewOptions } from './plugin.ts';
