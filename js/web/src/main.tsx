import './style.css';
import './shell/install';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { listenToDrops } from './composer/drop';
import { App } from './shell/App';
import { listen } from './shell/keys';
import { register } from './shell/update';
import { workspace } from './state/base';
import { current, start } from './state/chat';
import { followNotifications, showCounts } from './state/notify';
import { totals } from './state/rooms';
import { settings } from './state/settings';

const root = document.querySelector('#app');
if (root) render(<App />, root);
listen();
listenToDrops();
followNotifications();
showCounts(() => ({
  unread: totals.unread.value,
  mentioned: totals.mentioned.value,
  title: current.value ? `#${current.value.name} · ${workspace}` : workspace,
}));

// The first name is the beginning; another one later is not another.
const stop = effect(() => {
  if (!settings.value.name) return;
  queueMicrotask(() => stop());
  void start();
});
register().catch(() => {});
