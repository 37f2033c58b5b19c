import { useEffect, useMemo, useState } from 'preact/hooks';
import { language, t } from '../state/text';
import { Dialog } from './Dialog';
import { quick } from './quick';

interface Emoji {
  emoji: string;
  annotation: string;
  tags?: string[];
}

const key = 'confab.emoji';
const maxRecent = 16;
const maxShown = 400;

const data: Record<string, () => Promise<{ default: Emoji[] }>> = {
  en: () => import('virtual:emoji/en'),
  de: () => import('virtual:emoji/de'),
};

const recent = (): string[] => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '[]') as string[];
  } catch {
    return [];
  }
};

/** How well words name an emoji: by its whole name, by words of the name, by a whole tag, by the beginning of a word, or somehow; undefined if not. */
const rankOf = ({ emoji, annotation, tags = [] }: Emoji, sought: string): number | undefined => {
  const [name, all] = [annotation.toLocaleLowerCase(), tags.map((tag) => tag.toLocaleLowerCase())];
  const texts = [name, ...all];
  const words = sought.split(/\s+/);
  const parts = name.split(/[\s:,-]+/);
  if (emoji === sought || name === sought) return 0;
  if (words.every((word) => parts.includes(word))) return 1;
  if (all.includes(sought)) return 2;
  if (words.every((word) => texts.some((text) => text.split(/[\s:,-]+/).some((part) => part.startsWith(word))))) return 3;
  return words.every((word) => texts.some((text) => text.includes(word))) ? 4 : undefined;
};

/** The best first; of those that are as good, those at hand, then in the order of the list. */
const find = (all: Emoji[], sought: string): Emoji[] =>
  all
    .map((emoji) => ({ emoji, rank: rankOf(emoji, sought) }))
    .filter((found): found is { emoji: Emoji; rank: number } => found.rank !== undefined)
    .sort((a, b) => a.rank - b.rank || Number(quick.includes(b.emoji.emoji)) - Number(quick.includes(a.emoji.emoji)))
    .slice(0, maxShown)
    .map(({ emoji }) => emoji);

/** Emoji to choose from, by groups or by words. */
const EmojiPicker = ({ onPick, onClose }: { onPick: (emoji: string) => void; onClose: () => void }) => {
  const [all, setAll] = useState<Emoji[]>([]);
  const [query, setQuery] = useState('');
  useEffect(() => {
    void (data[language.peek()] ?? data.en)?.().then((loaded) => setAll(loaded.default));
  }, []);
  const sought = query.trim().toLocaleLowerCase();
  const found = useMemo(() => (sought ? find(all, sought) : all), [all, sought]);
  const pick = (emoji: string) => {
    localStorage.setItem(key, JSON.stringify([emoji, ...recent().filter((other) => other !== emoji)].slice(0, maxRecent)));
    onPick(emoji);
  };
  return (
    <Dialog title={t('emoji.title')} size="small" onClose={onClose}>
      <input
        type="search"
        class="field"
        aria-label={t('emoji.search')}
        placeholder={t('emoji.search')}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // Else the same press would be one of the button that the focus goes back to.
          event.preventDefault();
          if (found[0] && sought) pick(found[0].emoji);
        }}
      />
      {!sought && recent().length > 0 && (
        <>
          <h3>{t('emoji.recent')}</h3>
          <Grid emoji={recent().map((emoji) => all.find((other) => other.emoji === emoji) ?? { emoji, annotation: emoji })} pick={pick} />
        </>
      )}
      <div class="emoji-all">{found.length > 0 ? <Grid emoji={found} pick={pick} /> : all.length > 0 && <p class="quiet">{t('emoji.none')}</p>}</div>
    </Dialog>
  );
};

// One stop for the Tab key; arrows move inside.
const Grid = ({ emoji, pick }: { emoji: Emoji[]; pick: (emoji: string) => void }) => (
  <div
    class="emoji-grid"
    role="group"
    onKeyDown={(event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
      if (!step) return;
      event.preventDefault();
      const buttons = [...event.currentTarget.querySelectorAll('button')];
      const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
      buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
    }}
  >
    {emoji.map(({ emoji: one, annotation }, index) => (
      <button type="button" key={one} tabindex={index === 0 ? 0 : -1} aria-label={annotation} title={annotation} onClick={() => pick(one)}>
        {one}
      </button>
    ))}
  </div>
);

export default EmojiPicker;
