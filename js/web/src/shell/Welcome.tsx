import { useState } from 'preact/hooks';
import { Mark } from '../parts/Icon';
import { workspace } from '../state/base';
import { nameFrom } from '../state/names';
import { change } from '../state/settings';
import { type Key, t } from '../state/text';

/** The only question before one talks. */
export const Welcome = () => {
  const [name, setName] = useState('');
  const [error, setError] = useState<Key | undefined>(undefined);
  return (
    <main class="welcome">
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = nameFrom(name);
          if (chosen) change({ name: chosen });
          else setError(name.trim() ? 'name.refused' : 'name.required');
        }}
      >
        <Mark />
        <h1>{workspace}</h1>
        <label>
          {t('welcome.text')}
          <input
            class="field big"
            dir="auto"
            autofocus
            autocomplete="nickname"
            maxLength={64}
            value={name}
            aria-invalid={error !== undefined}
            aria-describedby={error ? 'name-error' : 'name-hint'}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setError(undefined);
            }}
          />
        </label>
        {error && (
          <p class="error" id="name-error" role="alert">
            {t(error)}
          </p>
        )}
        <button class="primary" type="submit">
          {t('welcome.enter')}
        </button>
        <p class="quiet" id="name-hint">
          {t('welcome.hint')}
        </p>
      </form>
    </main>
  );
};
