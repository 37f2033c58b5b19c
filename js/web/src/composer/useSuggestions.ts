import { useState } from 'preact/hooks';
import { suggestionsFor } from './text';

/** The names that complete what is begun in a box, and the keys that choose one. */
export const useSuggestions = (before: () => string, names: () => string[], onPick: (name: string) => void) => {
  const [shown, setShown] = useState<string[]>([]);
  const [chosen, setChosen] = useState(0);
  const close = () => setShown([]);
  const pick = (name: string) => {
    onPick(name);
    close();
  };
  const suggest = () => {
    setChosen(0);
    setShown(suggestionsFor(before(), names()));
  };
  /** @returns Whether the key was for them. */
  const press = (event: KeyboardEvent): boolean => {
    if (shown.length === 0) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((chosen + step + shown.length) % shown.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) pick(shown[chosen] ?? '');
    else if (event.key === 'Escape') {
      event.stopPropagation();
      close();
      return true;
    } else return false;
    event.preventDefault();
    return true;
  };
  return { shown, chosen, pick, suggest, close, press };
};
