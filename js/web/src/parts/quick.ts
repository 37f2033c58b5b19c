/** The emoji that are at hand at every message, and come first among those that are found. */
export const quick: readonly string[] = ['👍', '❤️', '🎉'];
