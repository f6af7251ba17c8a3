export type { SecurityContext, Surroundings, Wrapped } from './security-context.ts';
