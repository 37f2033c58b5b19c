import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../state/text';
import { Dialog } from './Dialog';

/** How one asks again for what could not be loaded; nothing while it comes. */
type Retry = (() => void) | undefined;

/** A view whose code comes when it is wanted. What failed to come is asked for again with the next view of it, or by who tries again. */
const later = <Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  wait: (props: Props, retry: Retry) => ReturnType<typeof Failure>,
): ComponentType<Props> => {
  let View: ComponentType<Props> | undefined;
  return (props: Props) => {
    const [hasFailed, setFailed] = useState(false);
    const [, setLoaded] = useState(View !== undefined);
    const attempt = () => {
      setFailed(false);
      load().then(
        (module) => {
          View = module.default;
          setLoaded(true);
        },
        () => setFailed(true),
      );
    };
    useEffect(() => {
      if (!View) attempt();
    }, []);
    return View ? <View {...props} /> : wait(props, hasFailed ? attempt : undefined);
  };
};

const Failure = ({ retry }: { retry: Retry }) =>
  retry ? (
    <p class="feed-note" role="alert">
      {t('app.notLoaded')}{' '}
      <button type="button" onClick={retry}>
        {t('app.retry')}
      </button>
    </p>
  ) : null;

/** One that takes the place of a room. */
export const laterPage = <Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>): ComponentType<Props> =>
  later(load, (_, retry) => (
    <main class="room" id="main" tabindex={-1}>
      <Failure retry={retry} />
    </main>
  ));

/** One that stands beside a room. */
export const laterPane = <Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>): ComponentType<Props> =>
  later(load, (_, retry) => (
    <div class="thread">
      <Failure retry={retry} />
    </div>
  ));

/** One in a dialog of its own. */
export const laterDialog = <Props extends { onClose: () => void }>(load: () => Promise<{ default: ComponentType<Props> }>): ComponentType<Props> =>
  later(load, ({ onClose }, retry) =>
    retry ? (
      <Dialog title={t('app.notLoaded')} size="small" onClose={onClose}>
        <button type="button" class="secondary" onClick={retry}>
          {t('app.retry')}
        </button>
      </Dialog>
    ) : null,
  );
