import { current } from '../state/chat';
import { topDialog } from '../state/dialog';

/** Puts a text where it can be pasted from. Over plain HTTP from another machine, there is no Clipboard API. */
export const copyText = async (text: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = document.createElement('textarea');
    box.className = 'hidden';
    box.value = text;
    // While a dialog is open, nothing outside takes the focus.
    (topDialog() ?? document.body).append(box);
    box.select();
    document.execCommand('copy');
    box.remove();
  }
};

const withoutSpace = (text: string): string => text.replace(/\s/g, '');

/** Copying whole messages gives their Markdown; copying some words gives the words. */
export const copyMarkdown = (event: ClipboardEvent): void => {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || event.target instanceof HTMLTextAreaElement || !(event.currentTarget instanceof Element)) return;
  const touched = [...event.currentTarget.querySelectorAll<HTMLElement>('.message[data-id]')].filter((message) => {
    const body = message.querySelector('.body');
    return body !== null && selection.containsNode(body, true);
  });
  const first = touched[0]?.querySelector('.body');
  // A selection has line breaks and tabs between what the document has one after the other.
  const isWhole =
    touched.length > 1 || (first && (selection.containsNode(first) || withoutSpace(`${selection}`) === withoutSpace(first.textContent)));
  if (!isWhole) return;
  const shown = new Map(
    current
      .peek()
      ?.timeline.messages.peek()
      .map(({ id, content }) => [id, content]),
  );
  const contents = touched.map((message) => shown.get(Number(message.dataset.id)) ?? '');
  event.clipboardData?.setData('text/plain', contents.join('\n\n'));
  event.preventDefault();
};
