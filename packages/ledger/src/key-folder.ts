import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isCode, privateFolder, syncFolder, syncFolderBeside, writePrivate } from './private-files.ts';

const NAME = /^[0-9a-f-]{1,64}$/;

/** The folder where each sealed secret's own key is a small file, so that destroying the secret is unlinking a file. */
export class KeyFolder {
  readonly #folder: string;
  #isChecked = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** On disk, name and all, when this returns. */
  write(key: string, content: Uint8Array): void {
    this.#check();
    writePrivate(this.#file(key), content, 'w');
    syncFolder(this.#folder);
  }

  read(key: string): Buffer | undefined {
    this.#check();
    try {
      return readFileSync(this.#file(key));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** Gone for good, all of them, when this resolves; those that are gone already count. */
  async eraseAll(keys: readonly string[]): Promise<void> {
    // Only here: what merely lists does not come here.
    const { unlink } = await import('node:fs/promises');
    const gone = await Promise.all(keys.map((key) => happened(unlink(this.#file(key)))));
    if (gone.some((isGone) => isGone)) await syncFolderBeside(this.#folder);
  }

  /** The same, for use within a transaction. */
  erase(keys: readonly string[]): void {
    let gone = 0;
    for (const key of keys) if (this.#unlink(this.#file(key))) gone += 1;
    if (gone > 0) syncFolder(this.#folder);
  }

  #unlink(file: string): boolean {
    // Most are gone already where this is done again, and an exception costs more than a look.
    if (!existsSync(file)) return false;
    try {
      unlinkSync(file);
      return true;
    } catch (error) {
      if (isCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  #check(): void {
    if (!this.#isChecked) privateFolder(this.#folder);
    this.#isChecked = true;
  }

  /** Keys come out of the database, which somebody may have written. */
  #file(key: string): string {
    if (!NAME.test(key)) throw new Error('the name of a key is damaged');
    return join(this.#folder, `${key}.key`);
  }
}

/** Whether a file was there to be unlinked. */
async function happened(unlinking: Promise<void>): Promise<boolean> {
  try {
    await unlinking;
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}
