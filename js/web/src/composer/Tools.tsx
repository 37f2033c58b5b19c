import { useRef } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { keyName, t } from '../state/text';

const warnBytes = 1_000;

interface Props {
  /** How many bytes there is still space for. */
  left: number;
  canSend: boolean;
  isEdit: boolean;
  isThread: boolean;
  onAttach: (files: Iterable<File>) => void;
  onEmoji: () => void;
  onMention: () => void;
  onCode: () => void;
}

/** What stands below the box. */
export const Tools = ({ left, canSend, isEdit, isThread, onAttach, onEmoji, onMention, onCode }: Props) => {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <div class="tools">
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          onAttach(event.currentTarget.files ?? []);
          event.currentTarget.value = '';
        }}
      />
      <button type="button" class="icon-button" {...named(t('file.attach'))} onClick={() => picker.current?.click()}>
        <Icon name="clip" />
      </button>
      <button type="button" class="icon-button" {...named(t('composer.emoji'))} onClick={onEmoji}>
        <Icon name="smile" />
      </button>
      <button type="button" class="icon-button" {...named(t('composer.mention'), '@')} onClick={onMention}>
        <Icon name="at" />
      </button>
      <button type="button" class="icon-button wide-only" {...named(t('composer.code'))} onClick={onCode}>
        <Icon name="code" />
      </button>
      <span class="gap" />
      {left < warnBytes ? (
        <span class={left < 0 ? 'tip over' : 'tip'} role="status">
          {left < 0 ? t('composer.over', { n: -left }) : t('composer.left', { n: left })}
        </span>
      ) : (
        <span class="tip wide-only" aria-hidden="true">
          <kbd>{keyName('Shift')}</kbd> <kbd>{keyName('Enter')}</kbd> {t('composer.newLine')}
        </span>
      )}
      <button
        class="send"
        type="submit"
        {...named(t(isEdit ? 'composer.save' : isThread ? 'thread.send' : 'composer.send'), 'Enter')}
        aria-disabled={!canSend}
      >
        <Icon name="up" />
        <span>{t(isEdit ? 'composer.save' : 'composer.send')}</span>
      </button>
    </div>
  );
};
