import { useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { opened } from '../state/dialog';
import { route } from '../state/route';
import { hasPointer } from '../state/screen';
import { t } from '../state/text';
import { Icon } from './Icon';
import { named } from './named';

/** A modal dialog: the platform's own keeps the focus inside, closes with Escape and gives the focus back. */
export const Dialog = ({
  title,
  size = 'medium',
  isTitleHidden,
  onClose,
  children,
}: {
  title: string;
  size?: 'small' | 'medium' | 'large' | 'bottom';
  isTitleHidden?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}) => {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Who goes on to another place, by the browser's buttons too, leaves it behind.
  const place = useRef(route.peek());
  useSignalEffect(() => {
    if (route.value !== place.current) onClose();
  });
  useLayoutEffect(() => {
    const before = document.activeElement;
    const { current: dialog } = element;
    if (!dialog) return;
    const close = opened(dialog);
    dialog.showModal();
    // What one came to fill in, not the button that closes. On a touch screen the keyboard would cover what there is to choose from.
    if (hasPointer.peek()) dialog.querySelector('input')?.focus();
    return () => {
      // As long as it is open, nothing outside takes the focus. Who has gone on to something else meanwhile is not called back.
      dialog.close();
      close();
      const { activeElement } = document;
      const isLost = !activeElement || activeElement === document.body || dialog.contains(activeElement);
      if (isLost && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={size}
      aria-labelledby={id}
      onClose={() => element.current && onClose()}
      onClick={(event) => {
        event.stopPropagation();
        if (event.target === element.current) onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div class="sheet">
        <div class={isTitleHidden ? 'hidden' : 'dialog-head'}>
          <h2 id={id}>{title}</h2>
          <button type="button" class="icon-button" {...named(t('app.close'), 'Esc')} onClick={onClose}>
            <Icon name="x" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
};
