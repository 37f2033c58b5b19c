import type { Insertion } from './text';

/** Puts words into a box as if they were typed there: the browser's undo takes them out again. */
export const typeInto = (box: HTMLTextAreaElement, { words, from, to, caret }: Insertion): void => {
  if (!words && from === to) return;
  box.focus();
  box.setSelectionRange(from, to);
  // Old, and without a successor: nothing else fills the browser's undo.
  if (!document.execCommand(words ? 'insertText' : 'delete', false, words)) {
    box.setRangeText(words, from, to, 'end');
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  box.setSelectionRange(caret, caret);
};

/** Puts words where the caret is, in place of what is chosen. */
export const typeHere = (box: HTMLTextAreaElement, words: string): void => {
  const { selectionStart: from, selectionEnd: to } = box;
  typeInto(box, { words, from, to, caret: from + words.length });
};

export const beforeCaret = (box: HTMLTextAreaElement): string => box.value.slice(0, box.selectionStart);
