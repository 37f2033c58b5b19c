import { t } from '../state/text';

/** Says that something could not be loaded, where it would stand. */
export const Failed = ({ onRetry }: { onRetry: () => void }) => (
  <p class="feed-note" role="alert">
    {t('feed.failed')}{' '}
    <button type="button" onClick={onRetry}>
      {t('app.retry')}
    </button>
  </p>
);
