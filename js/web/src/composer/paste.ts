import { setHtml } from '../state/trusted';
import { apart, columnsOf, tableOf } from './table';

/** What the page's policy would complain of, also where nothing is shown. */
const styles = /<style[\s\S]*?<\/style>|\sstyle\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi;

// In a template nothing runs and nothing is loaded.
const cellsOf = (html: string): string[][] | undefined => {
  if (!/<table/i.test(html)) return undefined;
  const template = document.createElement('template');
  setHtml(template, html.replace(styles, ''));
  for (const unseen of template.content.querySelectorAll('style, script, title, meta')) unseen.remove();
  const [table, ...others] = template.content.querySelectorAll('table');
  const words = (node: Node | undefined) => (node?.textContent ?? '').replace(/\s/g, '');
  // A table among other words is a page, not a piece of a spreadsheet.
  if (!table || others.length > 0 || words(table) !== words(template.content)) return undefined;
  return [...table.rows].map((row) =>
    [...row.cells].flatMap((cell) => [cell.textContent ?? '', ...Array<string>(Math.max(0, Math.min(cell.colSpan, 64) - 1)).fill('')]),
  );
};

/** What a paste puts among the words, if that is not what the browser would do; files are another matter. */
export const wordsToPaste = (data: DataTransfer, before: string, isInCode: boolean): string | undefined => {
  const [html, text] = [data.getData('text/html'), data.getData('text/plain')];
  const cells = isInCode ? undefined : html ? cellsOf(html) : columnsOf(text);
  const table = cells && tableOf(cells);
  if (table) return apart(table, before);
  // Spreadsheets and word processors add a picture of what they copy.
  return html && text.trim() && data.files.length > 0 ? text : undefined;
};

/** The files of what was pasted or dropped, and whether there was a folder, which is none. */
export const filesOf = (data: DataTransfer): { files: File[]; hasFolder: boolean } => {
  const items = [...data.items].filter(({ kind }) => kind === 'file');
  const folders = items.filter((item) => item.webkitGetAsEntry()?.isDirectory);
  const files = items.filter((item) => !folders.includes(item)).map((item) => item.getAsFile());
  return { files: files.filter((file) => file !== null), hasFolder: folders.length > 0 };
};
