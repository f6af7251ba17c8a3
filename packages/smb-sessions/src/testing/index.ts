export { openBench, type SmbSessionsBench, type SmbSessionsBenchOptions } from './bench.ts';
export { FakeFileServer, type FakeFileServerOptions, type ServerUser } from './fake-file-server.ts';
export type { FileSessions, NewFileSession, ServedSession } from './file-sessions.ts';
