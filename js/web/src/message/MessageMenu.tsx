import type { Message } from 'confab-client';
import { useState } from 'preact/hooks';
import { Dialog } from '../parts/Dialog';
import { Icon, type IconName } from '../parts/Icon';
import { laterDialog } from '../parts/later';
import { quick } from '../parts/quick';
import { remove } from '../state/chat';
import { tellDone } from '../state/problem';
import type { Room } from '../state/room';
import { roomUrl } from '../state/route';
import { type Key, t } from '../state/text';
import { copyText } from './copy';
import { deedsOf, isMine, toggle } from './deeds';
import { elementOf } from './state';

const EmojiPicker = laterDialog(() => import('../parts/EmojiPicker'));

interface Props {
  room: Room;
  message: Message;
  thread: number | undefined;
  /** Whether it has everything that can be done with the message: where there is no pointer, and no buttons beside it. */
  isWhole?: boolean;
  onClose: () => void;
}

/** What can be done with a message, in words. */
export const MessageMenu = ({ room, message, thread, isWhole, onClose }: Props) => {
  const [step, setStep] = useState<'emoji' | 'delete' | undefined>(undefined);
  const copy = (text: string, told: Key) => {
    void copyText(text).then(() => {
      onClose();
      tellDone(told);
    });
  };
  const react = (emoji: string) => {
    onClose();
    toggle(room, message, emoji);
  };
  const entry = (label: string, run: () => void, icon?: IconName, kind?: string) => (
    <li>
      <button type="button" class={kind} onClick={run}>
        {isWhole && icon && <Icon name={icon} />}
        {label}
      </button>
    </li>
  );
  if (step === 'emoji') return <EmojiPicker onClose={onClose} onPick={react} />;
  return (
    // Another step is another dialog: its first button has the focus.
    <Dialog
      key={step}
      title={t(step === 'delete' ? 'message.confirmDelete' : 'message.actions')}
      onClose={onClose}
      size={isWhole ? 'bottom' : 'small'}
    >
      {step === 'delete' ? (
        <ul class="menu">
          {entry(
            t('message.delete'),
            () => {
              onClose();
              remove(room.name, message.id);
              // The button that opened this goes with the words.
              requestAnimationFrame(() => elementOf(message.id, thread)?.focus());
            },
            undefined,
            'danger',
          )}
          {entry(t('app.cancel'), onClose)}
        </ul>
      ) : (
        <>
          {isWhole && !room.isArchived.value && (
            <div class="quick-row">
              {quick.map((emoji) => (
                <button type="button" key={emoji} aria-label={t('message.react', { emoji })} onClick={() => react(emoji)}>
                  {emoji}
                </button>
              ))}
            </div>
          )}
          <ul class="menu">
            {isWhole && !room.isArchived.value && entry(t('message.addReaction'), () => setStep('emoji'), 'smile')}
            {isWhole &&
              deedsOf(room, message, thread).map(({ icon, label, run }) =>
                entry(
                  label,
                  () => {
                    onClose();
                    // The dialog gives the focus back first.
                    requestAnimationFrame(run);
                  },
                  icon,
                ),
              )}
            {entry(t('message.copyText'), () => copy(message.content, 'message.textCopied'), 'copy')}
            {entry(t('message.copyLink'), () => copy(new URL(roomUrl(room.name, message.id), location.href).href, 'message.linkCopied'), 'link')}
            {isMine(room, message) && entry(t('message.delete'), () => setStep('delete'), 'bin', 'danger')}
          </ul>
        </>
      )}
    </Dialog>
  );
};
