import { Icon } from '../parts/Icon';
import type { Room } from '../state/room';
import { t } from '../state/text';

/** Leads to the end, and says what there is. */
export const Latest = ({ room, onClick }: { room: Room; onClick: () => void }) => (
  <button type="button" class="latest" title={t('feed.latest')} onClick={onClick}>
    <Icon name="down" small />
    {room.unread.value > 0 && <span class="hidden">{t('feed.latest')}: </span>}
    {newsOf(room)}
  </button>
);

const newsOf = (room: Room): string => {
  const { unread, hasMoreUnread, mentioned, mentioners } = room;
  const [name, ...others] = mentioners.value;
  if (unread.value === 0) return t('feed.latest');
  const count = t(hasMoreUnread.value ? 'feed.latestMore' : 'feed.latestNew', { n: unread.value });
  if (name === undefined) return count;
  return `${count}, ${others.length === 0 ? t('feed.mentionedYou', { name }) : t('side.mentions', { n: mentioned.value })}`;
};
