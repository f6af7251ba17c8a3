// A ledger as the first version of its form was written, with an open session, one whose disconnect was under way, one that
// has ended and one whose connect was lost.

export const VERSION_1_SQL = String.raw`
CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE operations ( id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT, before TEXT, kind TEXT NOT NULL, provider TEXT NOT NULL, intent TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, result TEXT );
CREATE INDEX operations_by_time ON operations (started_at);
CREATE TABLE entries ( key TEXT PRIMARY KEY, provider TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('opening', 'open', 'closing', 'ended', 'unknown')), is_default INTEGER NOT NULL, ref TEXT NOT NULL, fingerprint TEXT NOT NULL, session TEXT NOT NULL, sealed BLOB, opener TEXT NOT NULL, connect INTEGER NOT NULL, changed_at INTEGER NOT NULL );
CREATE UNIQUE INDEX entries_by_number ON entries (provider, number) WHERE state <> 'ended';
CREATE UNIQUE INDEX entries_by_default ON entries (provider) WHERE is_default = 1;
CREATE INDEX entries_by_ref ON entries (ref);
CREATE INDEX entries_by_end ON entries (changed_at) WHERE state = 'ended';
CREATE TABLE doomed_keys (key TEXT PRIMARY KEY, after INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE credentials ( id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, place TEXT NOT NULL, user_name TEXT NOT NULL, sealed BLOB NOT NULL, UNIQUE (place, user_name) );
CREATE TABLE trust (host TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO facts VALUES ('fingerprint-key', X'D9C40B85416B4E4E13B315919542A926DD528416E7E615E35CB9FAAD7D4E6ACD');
INSERT INTO facts VALUES ('id', '1c0dbfaec1c071d8');
INSERT INTO facts VALUES ('wrapping-key', '{"source":"file","check":"cfc0d23684d442945dd2842ba700e484"}');
INSERT INTO operations VALUES (1, '68c29854-75b5-4034-b90b-46a8027509b6', NULL, 'connect', 'alpha', '{"session":{"provider":"alpha","endpoint":"open","id":"1","kind":"connection","label":"jdoe on open","state":"live","ownership":"opened","effects":["end"],"fingerprint":"ad08159ee220e57fadb2686000c2ff265aeb7e2d94c6736f3bb21a16c1870557","openedAt":"2026-11-18T11:06:40.000Z","details":{}},"user":"jdoe"}', 1795000000000, 1795000000000, '{"status":"done"}');
INSERT INTO operations VALUES (2, 'fa83dcd7-f3bd-493b-b58a-1240154c5179', NULL, 'connect', 'alpha', '{"session":{"provider":"alpha","endpoint":"closing","id":"2","kind":"connection","label":"jdoe on closing","state":"live","ownership":"opened","effects":["end"],"fingerprint":"c243d33e969b026f1bb2b4ab5dd5e511c26b2deb2bda6f205f7b4eff56451e55","openedAt":"2026-11-18T11:06:40.000Z","details":{}},"user":"jdoe"}', 1795000000000, 1795000000000, '{"status":"done"}');
INSERT INTO operations VALUES (3, 'fa83dcd7-f3bd-493b-b58a-1240154c5179', 'open', 'disconnect', 'alpha', '{"session":{"provider":"alpha","endpoint":"closing","id":"2","kind":"connection","label":"jdoe on closing","state":"live","ownership":"opened","effects":["end"],"fingerprint":"c243d33e969b026f1bb2b4ab5dd5e511c26b2deb2bda6f205f7b4eff56451e55","openedAt":"2026-11-18T11:06:40.000Z","details":{}},"effect":"end","user":"jdoe"}', 1795000000000, NULL, NULL);
INSERT INTO operations VALUES (4, '65b7f05d-6ac1-441e-a2ec-73d1cc96d46c', NULL, 'connect', 'alpha', '{"session":{"provider":"alpha","endpoint":"ended","id":"3","kind":"connection","label":"jdoe on ended","state":"live","ownership":"opened","effects":["end"],"fingerprint":"fc98c36268300d8298d85c3ce71a6c80bed4ccb2982f8bac5eba476ab4083bdc","openedAt":"2026-11-18T11:06:40.000Z","details":{}},"user":"jdoe"}', 1795000000000, 1795000000000, '{"status":"done"}');
INSERT INTO operations VALUES (5, '65b7f05d-6ac1-441e-a2ec-73d1cc96d46c', 'open', 'disconnect', 'alpha', '{"session":{"provider":"alpha","endpoint":"ended","id":"3","kind":"connection","label":"jdoe on ended","state":"live","ownership":"opened","effects":["end"],"fingerprint":"fc98c36268300d8298d85c3ce71a6c80bed4ccb2982f8bac5eba476ab4083bdc","openedAt":"2026-11-18T11:06:40.000Z","details":{}},"effect":"end","user":"jdoe"}', 1795000000000, 1795000000000, '{"status":"disconnected"}');
INSERT INTO operations VALUES (6, '0279c938-8f7c-4c4f-8bca-0cc445226c64', NULL, 'connect', 'beta', '{"session":{"provider":"beta","endpoint":"opening","id":"1","kind":"session","label":"opening","state":"unknown","ownership":"opened","effects":[],"fingerprint":"f688c9a7-2696-4833-a90f-a027bb1bcd40","details":{}},"user":"jdoe"}', 1795000000000, NULL, NULL);
INSERT INTO entries VALUES ('68c29854-75b5-4034-b90b-46a8027509b6', 'alpha', 1, 'open', 1, '["alpha","open","1"]', 'ad08159ee220e57fadb2686000c2ff265aeb7e2d94c6736f3bb21a16c1870557', '{"provider":"alpha","endpoint":"open","id":"1","kind":"connection","label":"jdoe on open","state":"live","ownership":"opened","effects":["end"],"fingerprint":"ad08159ee220e57fadb2686000c2ff265aeb7e2d94c6736f3bb21a16c1870557","openedAt":"2026-11-18T11:06:40.000Z","details":{}}', X'30754C5077146CC19DB065BDE51D4B7196D6959620025A9FE22155E823C437BF8E8BBA48EB4F3D92CAA2', '{"pid":30595,"startedAt":"1898961","bootId":"00000000-0000-4000-8000-000000000000"}', 1, 1795000000000);
INSERT INTO entries VALUES ('fa83dcd7-f3bd-493b-b58a-1240154c5179', 'alpha', 2, 'closing', 0, '["alpha","closing","2"]', 'c243d33e969b026f1bb2b4ab5dd5e511c26b2deb2bda6f205f7b4eff56451e55', '{"provider":"alpha","endpoint":"closing","id":"2","kind":"connection","label":"jdoe on closing","state":"live","ownership":"opened","effects":["end"],"fingerprint":"c243d33e969b026f1bb2b4ab5dd5e511c26b2deb2bda6f205f7b4eff56451e55","openedAt":"2026-11-18T11:06:40.000Z","details":{}}', X'F39689A07DFD050AA189F065712CD5A7BB2881F1410FA05FAAC9260BDB577870BAC7F5AF40FA7D2F3885F20434', '{"pid":30595,"startedAt":"1898961","bootId":"00000000-0000-4000-8000-000000000000"}', 2, 1795000000000);
INSERT INTO entries VALUES ('65b7f05d-6ac1-441e-a2ec-73d1cc96d46c', 'alpha', 3, 'ended', 0, '["alpha","ended","3"]', 'fc98c36268300d8298d85c3ce71a6c80bed4ccb2982f8bac5eba476ab4083bdc', '{"provider":"alpha","endpoint":"ended","id":"3","kind":"connection","label":"jdoe on ended","state":"live","ownership":"opened","effects":["end"],"fingerprint":"fc98c36268300d8298d85c3ce71a6c80bed4ccb2982f8bac5eba476ab4083bdc","openedAt":"2026-11-18T11:06:40.000Z","details":{}}', NULL, '{"pid":30595,"startedAt":"1898961","bootId":"00000000-0000-4000-8000-000000000000"}', 4, 1795000000000);
INSERT INTO entries VALUES ('0279c938-8f7c-4c4f-8bca-0cc445226c64', 'beta', 1, 'opening', 1, '["beta","opening","1"]', 'f688c9a7-2696-4833-a90f-a027bb1bcd40', '{"provider":"beta","endpoint":"opening","id":"1","kind":"session","label":"opening","state":"unknown","ownership":"opened","effects":[],"fingerprint":"f688c9a7-2696-4833-a90f-a027bb1bcd40","details":{}}', NULL, '{"pid":30595,"startedAt":"1898961","bootId":"00000000-0000-4000-8000-000000000000"}', 6, 1795000000000);
PRAGMA application_id = 1397508432;
PRAGMA user_version = 1;
`;

/** What is in its file of the wrapping key. */
export const VERSION_1_WRAPPING_KEY = 'kV+AwN6syfiHBgRc4bewR+XWfvZn/QxZl7CkNXfXhiE=';

/** Its key files, by name, in base64. */
export const VERSION_1_KEYS: Readonly<Record<string, string>> = {
  '68c29854-75b5-4034-b90b-46a8027509b6.key':
    'vAG1BngmaLjjGdzl9N62VLyFDmN9pz4EifRK2+4oj+Wj9seHlJqNiRa65kYCdrZjaonE5zpd9BcjeMVw',
  'fa83dcd7-f3bd-493b-b58a-1240154c5179.key':
    'ATL49cJ3oDqkFArXEA76S7nLRiwdtB0RfnaoXOb190PS5MxLBvJrdzSAlQh20YB9/2/+YDc64Rw9J0N+',
};
