// Node's own modules that only some ways of using a ledger need: to load them takes longer than to list.

export function cryptography() {
  return process.getBuiltinModule('node:crypto');
}

export function childProcesses() {
  return process.getBuiltinModule('node:child_process');
}
