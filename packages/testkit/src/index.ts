export { createAuthority, type Authority, type Identity, type IdentityOptions } from './authority.ts';
