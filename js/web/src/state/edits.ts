const keyOf = (room: string, message: number): string => `confab.edit.${room}/${message}`;

/** Keeps the words of an edit that was refused, until the message is edited again. */
export const keepEdit = (room: string, message: number, content: string): void => localStorage.setItem(keyOf(room, message), content);

export const keptEdit = (room: string, message: number): string | null => localStorage.getItem(keyOf(room, message));

export const dropEdit = (room: string, message: number): void => localStorage.removeItem(keyOf(room, message));
