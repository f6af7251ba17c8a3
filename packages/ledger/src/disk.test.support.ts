import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below `folder`. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The files below `folder` that have these bytes in them, as they are or as hexadecimal or base64 text. */
export function filesWith(folder: string, bytes: Buffer): readonly string[] {
  const forms = [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('base64'))];
  return filesIn(folder).filter((file) => forms.some((form) => readFileSync(file).includes(form)));
}

export function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
