/** Longer than any ending that says what a file is. */
const maxEnding = 12;

/** The name of a file on one line: what does not fit is left out before the ending, which says what it is. */
export const FileName = ({ name }: { name: string }) => {
  const dot = name.lastIndexOf('.');
  const at = dot > 0 && name.length - dot <= maxEnding ? dot : name.length;
  return (
    <b class="file-name" dir="auto" title={name}>
      <span>{name.slice(0, at)}</span>
      {name.slice(at)}
    </b>
  );
};
