export { smbSessions, smbSessions as default, type SmbSessionsOptions } from './plugin.ts';
