import './style/index.css';
import './state/install';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { current, start } from './state/chat';
import { followNotifications, showCounts } from './state/notify';
import { settings } from './state/settings';
import { register } from './state/update';
import { App } from './view/App';
import { listenToDrops } from './view/drop';
import { listen } from './view/keys';
import { totals, workspace } from './view/Sidebar';

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
