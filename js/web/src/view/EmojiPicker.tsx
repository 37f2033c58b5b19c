import { useEffect, useState } from 'preact/hooks';
import { language, t } from '../state/text';
import { Dialog } from './Dialog';

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

/** Emoji to choose from, by groups or by words. */
const EmojiPicker = ({ onPick, onClose }: { onPick: (emoji: string) => void; onClose: () => void }) => {
  const [all, setAll] = useState<Emoji[]>([]);
  const [query, setQuery] = useState('');
  useEffect(() => {
    void (data[language.peek()] ?? data.en)?.().then((loaded) => setAll(loaded.default));
  }, []);
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const matches = ({ emoji, annotation, tags = [] }: Emoji) =>
    words.every((word) => emoji === word || [annotation, ...tags].some((text) => text.toLocaleLowerCase().includes(word)));
  const found = words.length > 0 ? all.filter(matches).slice(0, maxShown) : all;
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
          if (event.key === 'Enter' && found[0] && words.length > 0) pick(found[0].emoji);
        }}
      />
      {words.length === 0 && recent().length > 0 && (
        <>
          <h3>{t('emoji.recent')}</h3>
          <Grid emoji={recent().map((emoji) => ({ emoji, annotation: emoji }))} pick={pick} />
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
