import { useState } from 'preact/hooks';
import { change } from '../state/settings';
import { t } from '../state/text';
import { Mark } from './Icon';
import { workspace } from './Sidebar';

/** The only question before one talks. */
export const Welcome = () => {
  const [name, setName] = useState('');
  const [isMissing, setMissing] = useState(false);
  return (
    <main class="welcome">
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = name.trim().normalize('NFC');
          if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(chosen)) change({ name: chosen });
          else setMissing(true);
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
            aria-invalid={isMissing}
            aria-describedby={isMissing ? 'name-error' : 'name-hint'}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setMissing(false);
            }}
          />
        </label>
        {isMissing && (
          <p class="error" id="name-error" role="alert">
            {t('name.required')}
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
