/** Texts that were made once and are asked for again, for as long as what they are made of stays; so many characters at most. */
export class Pages {
  readonly #most: number;
  readonly #pages = new Map<string, string>();
  #size = 0;

  constructor(most = 8_000_000) {
    this.#most = most;
  }

  clear(): void {
    this.#pages.clear();
    this.#size = 0;
  }

  get(name: string, make: () => string): string {
    const known = this.#pages.get(name);
    if (known !== undefined) return known;
    const made = make();
    if (this.#size + made.length > this.#most) this.clear();
    this.#size += made.length;
    this.#pages.set(name, made);
    return made;
  }
}
