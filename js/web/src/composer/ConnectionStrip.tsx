import { useEffect, useState } from 'preact/hooks';
import { retryNow, standing, waiting } from '../state/chat';
import type { Room } from '../state/room';
import { t } from '../state/text';

const patienceMs = 1_000;

/** Says what the page is doing while there is no connection; a short break is not worth a word. */
export const ConnectionStrip = ({ room }: { room: Room }) => {
  const { value: state } = standing;
  const isOpen = state === 'open';
  const [isLong, setLong] = useState(!navigator.onLine);
  useEffect(() => {
    if (isOpen) return setLong(false);
    const timer = setTimeout(() => setLong(true), navigator.onLine ? patienceMs : 0);
    return () => clearTimeout(timer);
  }, [isOpen]);
  if (isOpen || (!isLong && !room.timeline.isBegun.value)) return null;
  if (!isLong && waiting.value === 0) return null;
  return (
    // The announcer tells of it: once, not of every attempt.
    <div class="strip">
      <b>{t(state === 'closed' ? 'state.closed' : 'offline.title')}</b>
      <span>{state === 'closed' ? t('offline.closed') : waiting.value > 0 ? t('offline.pending', { n: waiting.value }) : t('offline.reading')}</span>
      {state === 'closed' ? (
        <button type="button" onClick={() => location.reload()}>
          {t('app.reload')}
        </button>
      ) : (
        <button type="button" onClick={retryNow} disabled={state === 'connecting'}>
          {t(state === 'connecting' ? 'offline.connecting' : 'offline.now')}
        </button>
      )}
    </div>
  );
};
