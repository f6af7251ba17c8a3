// The versions of Node that figures are promised for.
import { execFileSync } from 'node:child_process';
import { releaseOfNode } from '../../tasks/src/nodes.mjs';

const NEWER = 24;

let found;

/** This Node, and the newest Node 24 where this one is older and the registry has that for this machine. */
export function nodes() {
  found ??= [process.execPath, ...newerProgram()].map(described);
  return found;
}

function newerProgram() {
  if (Number(process.versions.node.split('.')[0]) >= NEWER) return [];
  try {
    return [releaseOfNode(NEWER)];
  } catch (error) {
    console.error(`Nothing is measured on Node ${NEWER}: ${error.message}`);
    return [];
  }
}

function described(program) {
  const version = execFileSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  return { program, version, isNewer: Number(version.split('.')[0]) >= NEWER };
}
