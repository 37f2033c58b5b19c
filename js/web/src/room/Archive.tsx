import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import type { RoomSummary } from '../state/api';
import { archive, archived, tell } from '../state/chat';
import { useSpot } from '../state/focus';
import type { Room } from '../state/room';
import { roomUrl } from '../state/route';
import { t } from '../state/text';

/** Asks before a room is archived. */
export const ArchiveDialog = ({ room, onClose }: { room: Room; onClose: () => void }) => (
  <Dialog title={t('archive.title', { room: `#${room.name}` })} size="small" onClose={onClose}>
    <p class="quiet">{t('archive.text')}</p>
    <ul class="menu">
      <li>
        <button
          type="button"
          class="danger"
          onClick={() => {
            archive(room, true).catch(tell);
            onClose();
          }}
        >
          {t('archive.do')}
        </button>
      </li>
      <li>
        <button type="button" onClick={onClose}>
          {t('app.cancel')}
        </button>
      </li>
    </ul>
  </Dialog>
);

/** Stands where one would write. */
export const ArchivedNote = ({ room }: { room: Room }) => {
  const element = useRef<HTMLDivElement>(null);
  useSpot('composer', element);
  return (
    <div class="dock archived" id="composer" tabindex={-1} ref={element}>
      <Icon name="archive" />
      <span>{t('archive.note')}</span>
      <button type="button" class="secondary" onClick={() => void archive(room, false).catch(tell)}>
        {t('archive.undo')}
      </button>
    </div>
  );
};

/** The rooms that are archived, to be looked at or taken back. */
export const ArchivedRooms = () => {
  const [found, setFound] = useState<RoomSummary[]>([]);
  useEffect(() => {
    archived().then(setFound, () => {});
  }, []);
  if (found.length === 0) return null;
  return (
    <>
      <h2>{t('archive.rooms')}</h2>
      <ul class="menu">
        {found.map(({ name, topic }) => (
          <li key={name}>
            <a href={roomUrl(name)}>
              <Icon name="archive" small />
              <span class="name" dir="auto">
                #{name}
              </span>
              <small dir="auto">{topic}</small>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
};
