import { effect, signal } from '@preact/signals';
import en, { type Catalogue } from '../locales/en';
import { settings } from './settings';

export type Key = keyof Catalogue;

/** English is part of the page, the others come when they are wanted. */
const others: Record<string, () => Promise<{ default: Catalogue }>> = { de: () => import('../locales/de') };

export const languages: Record<string, string> = { en: 'English', de: 'Deutsch' };

export const language = signal('en');
const catalogue = signal<Catalogue>(en);
let wantedLast = 'en';

effect(() => {
  const wanted = settings.value.language || (navigator.languages.map((tag) => tag.split('-')[0] ?? '').find((tag) => tag in languages) ?? 'en');
  wantedLast = wanted;
  const use = (words: Catalogue) => {
    // Another one may have been chosen while this one came.
    if (wanted !== wantedLast) return;
    catalogue.value = words;
    language.value = wanted;
    document.documentElement.lang = wanted;
  };
  const load = others[wanted];
  if (load)
    void load().then(
      ({ default: words }) => use(words),
      () => use(en),
    );
  else use(en);
});

/** A text of the catalogue, with its gaps filled; `n` chooses among plurals. */
export const t = (key: Key, values: Record<string, string | number> = {}): string => {
  const entry = catalogue.value[key];
  const n = values.n ?? 0;
  const text = typeof entry === 'string' ? entry : new Intl.PluralRules(language.value).select(Number(n)) === 'one' ? entry.one : entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? '';
    return typeof value === 'number' ? new Intl.NumberFormat(language.value).format(value) : value;
  });
};

const keyNames: Record<string, Key> = { Ctrl: 'key.ctrl', Shift: 'key.shift', Enter: 'key.enter', Home: 'key.home', End: 'key.end' };

/** What stands on a key of the keyboard. */
export const keyName = (key: string): string => {
  const name = keyNames[key];
  return name ? t(name) : key;
};

const formats = new Map<string, Intl.DateTimeFormat>();
const format = (style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = language.value + JSON.stringify(style);
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(navigator.languages.find((tag) => tag.startsWith(language.value)) ?? language.value, style);
  formats.set(key, made);
  return made;
};

export const timeOf = (at: number | string): string => format({ timeStyle: 'short' }).format(new Date(at));

export const momentOf = (at: number | string): string => format({ dateStyle: 'full', timeStyle: 'short' }).format(new Date(at));

export const shortDayOf = (at: number | string): string => format({ dateStyle: 'medium' }).format(new Date(at));

/** Names a day: today, yesterday, or its date. */
export const dayOf = (at: number | string): string => {
  const date = new Date(at);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return t('day.today');
  if (days === 1) return t('day.yesterday');
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return format({ weekday: 'long', day: 'numeric', month: 'long', ...(isThisYear ? {} : { year: 'numeric' }) }).format(date);
};

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** How large a file is. */
export const sizeOf = (bytes: number): string => {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const style = {
    style: 'unit',
    unit: units[step],
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step > 0 && bytes / 1000 ** step < 10 ? 1 : 0,
  } as const;
  return new Intl.NumberFormat(language.value, style).format(bytes / 1000 ** step);
};
