import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { t } from '../state/text';
import type { Answered } from './drafts';
import { type Edit, editKey, elsewhere } from './edits';

/** What one writes, if it is not just a message: another one's words, or an answer. */
export const Mode = ({ edited, reply, onStop }: { edited: Edit | undefined; reply: Answered | undefined; onStop: () => void }) => {
  if (!edited && !reply) return null;
  const other = edited && elsewhere.value.get(editKey(edited));
  return (
    <div class="mode">
      <Icon name={edited ? 'pen' : 'reply'} small />
      <span>
        {edited ? t('composer.editing') : t('composer.replying', { name: reply?.username ?? `#${reply?.id}` })}
        {reply?.words && <small dir="auto">{reply.words}</small>}
        {other && <small role="status">{t(other === 'editing' ? 'composer.editingElsewhere' : 'composer.savedElsewhere')}</small>}
      </span>
      <button type="button" class="icon-button" {...named(t('composer.stop'), 'Esc')} onClick={onStop}>
        <Icon name="x" small />
      </button>
    </div>
  );
};
