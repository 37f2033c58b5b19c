import { createContext } from 'preact';

/** The list that a message stands in, for what grows in it because somebody wants to read it. */
export interface Reading {
  /** Who reads on from here is not taken to the end. */
  leave(): void;
  scrollBy(px: number): void;
}

export const ReadingContext = createContext<Reading | undefined>(undefined);
