import { Avatar } from '../parts/Avatar';
import { t } from '../state/text';

/** Names that complete what was begun, above the box. */
export const Suggestions = ({ id, names, chosen, onPick }: { id: string; names: string[]; chosen: number; onPick: (name: string) => void }) => (
  <ul class="suggestions" id={`${id}-suggestions`} role="listbox" aria-label={t('composer.suggestions')}>
    {names.map((name, index) => (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the box, which keeps the focus.
      <li
        key={name}
        id={`${id}-suggestion-${index}`}
        role="option"
        tabindex={-1}
        aria-selected={index === chosen}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => onPick(name)}
      >
        <Avatar name={name} size="small" />
        {name}
      </li>
    ))}
  </ul>
);
