const hueOf = (name: string): number => {
  let hash = 2_166_136_261;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return (hash >>> 0) % 360;
};

const segments = new Intl.Segmenter();

const initialsOf = (name: string): string => {
  const words = name.split(/[\s_.-]+/).filter(Boolean);
  const first = (word: string | undefined) => (word ? ([...segments.segment(word)][0]?.segment ?? '') : '');
  const [one, ...others] = words;
  const initials =
    others.length > 0
      ? first(one) + first(others.at(-1))
      : [...segments.segment(name.trim())]
          .slice(0, 2)
          .map(({ segment }) => segment)
          .join('');
  return initials.toLocaleUpperCase();
};

/** A name's stable colour and initials; never the only bearer of the name. */
export const Avatar = ({ name, size, isHere }: { name: string; size?: 'small' | 'tiny'; isHere?: boolean }) => (
  <span class={`avatar ${size ?? ''}`} aria-hidden="true" style={{ '--hue': hueOf(name) }}>
    {initialsOf(name)}
    {isHere !== undefined && <i class="dot" />}
  </span>
);
