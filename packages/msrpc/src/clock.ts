/** Rings once after a while; replaceable, so that tests do not wait. */
export interface Clock {
  /** Runs `ring` after `milliseconds`, unless what it returns is called before. */
  after(milliseconds: number, ring: () => void): () => void;
}

/** This computer's own. */
export const COMPUTER_CLOCK: Clock = {
  after: (milliseconds, ring) => {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
};
