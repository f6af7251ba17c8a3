// eslint-disable-next-line no-control-regex -- cursor keys and the marks of a paste
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.)/g;

/** What ended a line: Enter, Ctrl-C, or Ctrl-D at its beginning. */
export type LineEnd = 'line' | 'interrupt' | 'end';

/** One line as it is typed, with the keys that terminals know for taking back. What comes after Enter is dropped. */
export class LineEditor {
  #characters: string[] = [];

  get text(): string {
    return this.#characters.join('');
  }

  type(keys: string): LineEnd | undefined {
    for (const key of keys.replace(SEQUENCES, '')) {
      const end = this.#press(key);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  #press(key: string): LineEnd | undefined {
    switch (key) {
      case '\r':
      case '\n':
        return 'line';
      case '\u0003':
        return 'interrupt';
      case '\u0004':
        return this.#characters.length === 0 ? 'end' : undefined;
      case '\b':
      case '\u007f':
        this.#characters.pop();
        return undefined;
      case '\u0015':
        this.#characters = [];
        return undefined;
      default:
        if (key >= ' ') this.#characters.push(key);
        return undefined;
    }
  }
}
