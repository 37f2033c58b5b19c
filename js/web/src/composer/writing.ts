/** Puts words into a box as if they were typed there: the browser's undo takes them out again. */
export const typeInto = (
  box: HTMLTextAreaElement,
  words: string,
  from = box.selectionStart,
  to = box.selectionEnd,
  caret = from + words.length,
): void => {
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

/** Whether what comes after a text stands in a block of code. */
export const isInCode = (before: string): boolean => {
  let fence = '';
  for (const line of before.split('\n')) {
    const [, marks = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (!marks) continue;
    if (!fence) fence = marks[0] === '`' && rest.includes('`') ? '' : marks;
    else if (marks.startsWith(fence) && !rest.trim()) fence = '';
  }
  return fence !== '';
};

/** Makes what is chosen a block of code, with the caret in it. */
export const wrapInCode = (box: HTMLTextAreaElement): void => {
  const { value, selectionStart: from, selectionEnd } = box;
  // A chosen line break stays where it is.
  const to = selectionEnd > from && value[selectionEnd - 1] === '\n' ? selectionEnd - 1 : selectionEnd;
  const code = value.slice(from, to);
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([marks]) => marks.length));
  const fence = '`'.repeat(longest + 1);
  const begin = `${from === 0 || value[from - 1] === '\n' ? '' : '\n'}${fence}\n${code}`;
  const end = `\n${fence}${to === value.length || value[to] === '\n' ? '' : '\n'}`;
  typeInto(box, begin + end, from, to, from + begin.length);
};
