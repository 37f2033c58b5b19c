/** The Markdown of cells; undefined if they are no table. */
export const tableOf = (rows: string[][]): string | undefined => {
  const width = Math.max(0, ...rows.map(({ length }) => length));
  if (width < 2) return undefined;
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const [head = [], ...body] = rows.map((cells) =>
    Array.from({ length: width }, (_, at) => (cells[at] ?? '').replace(/\s+/g, ' ').trim().replace(/\\?\|/g, '\\|')),
  );
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
};

// What is indented by tabs, or has some here and there, is no table.
export const columnsOf = (text: string): string[][] | undefined => {
  const rows = text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => line.split('\t'));
  const isTable = rows.length > 1 && rows.every((cells) => cells.length === rows[0]?.length && cells.some(Boolean)) && rows.some(([first]) => first);
  return isTable ? rows : undefined;
};

/** A table stands by itself: a line is empty before it. */
export const apart = (table: string, before: string): string =>
  `${before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'}${table}\n`;
