import type { Message } from 'confab-client';
import { useEffect, useState } from 'preact/hooks';
import { Avatar } from '../parts/Avatar';
import { Dialog } from '../parts/Dialog';
import { message as fetchMessage } from '../state/api';
import type { Room } from '../state/room';
import { go, roomUrl } from '../state/route';
import { shortDayOf, t, timeOf } from '../state/text';
import { wordsOf } from '../state/words';

const shownChars = 240;

/** What is pinned in a room, in the order in which it was, each a link to its place. */
const Pins = ({ room, onClose }: { room: Room; onClose: () => void }) => {
  const [fetched, setFetched] = useState<ReadonlyMap<number, Message>>(new Map());
  const [hasFailed, setFailed] = useState(false);
  const pins = room.pins.value;
  const shown = new Map(room.timeline.messages.value.map((message) => [message.id, message]));
  const messages = pins.flatMap((id) => shown.get(id) ?? fetched.get(id) ?? []).filter(({ deleted }) => !deleted);

  // Those that are not in the document are asked for, each once.
  useEffect(() => {
    const missing = pins.filter((id) => !shown.has(id) && !fetched.has(id));
    if (missing.length === 0) return;
    let isGone = false;
    void Promise.allSettled(missing.map((id) => fetchMessage(room.name, id))).then((answers) => {
      if (isGone) return;
      const found = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
      setFetched((known) => new Map([...known, ...found.map((message): [number, Message] => [message.id, message])]));
      setFailed(found.length < answers.length);
    });
    return () => {
      isGone = true;
    };
  }, [pins]);

  return (
    <Dialog title={t('room.pinsTitle')} onClose={onClose}>
      {hasFailed && <p class="error">{t('room.pinsFailed')}</p>}
      <ul class="results">
        {messages.map((message) => (
          <li key={message.id}>
            <a
              href={roomUrl(room.name, message.id)}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                onClose();
                go(roomUrl(room.name, message.id));
              }}
            >
              <Avatar name={message.username} />
              <span class="result-head">
                <b dir="auto">{message.username}</b>
                <time dateTime={message.timestamp}>
                  {shortDayOf(message.timestamp)}, {timeOf(message.timestamp)}
                </time>
              </span>
              <span class="result-text" dir="auto">
                {short(wordsOf(message))}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Dialog>
  );
};

const short = (words: string): string => (words.length > shownChars ? `${words.slice(0, shownChars)}…` : words);

export default Pins;
