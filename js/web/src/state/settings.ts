import { effect, signal } from '@preact/signals';
import { base } from './base';
import { nameFrom } from './names';

export type Level = 'all' | 'mentions' | 'none';

export interface Settings {
  name: string;
  theme: 'system' | 'light' | 'dark';
  density: 'cosy' | 'compact';
  language: string;
  sound: boolean;
  notifications: boolean;
  /** Of what to notify, by room; `*` for all others. */
  levels: Record<string, Level>;
}

const key = `confab${base}.settings`;
const defaults: Settings = {
  name: '',
  theme: 'system',
  density: 'cosy',
  language: '',
  sound: false,
  notifications: false,
  levels: { '*': 'mentions' },
};

const load = (): Settings => {
  try {
    const kept = { ...defaults, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Settings>) };
    return { ...kept, name: nameFrom(kept.name) ?? '' };
  } catch {
    return defaults;
  }
};

export const settings = signal<Settings>(load());

export const change = (part: Partial<Settings>): void => {
  settings.value = { ...settings.peek(), ...part };
  localStorage.setItem(key, JSON.stringify(settings.peek()));
};

export const levelOf = (room: string): Level => settings.value.levels[room] ?? settings.value.levels['*'] ?? 'mentions';

// The browser's own bar goes on in the colour of the list: --side of the tokens.
const sides = { light: '#f1efe8', dark: '#121514' };

// Another window of the same browser.
addEventListener('storage', (event) => {
  if (event.key === key) settings.value = load();
});

effect(() => {
  const { dataset } = document.documentElement;
  const { theme, density } = settings.value;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  dataset.density = density;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const system = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = sides[theme === 'system' ? system : theme];
  }
});
