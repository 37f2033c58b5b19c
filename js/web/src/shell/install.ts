import { signal } from '@preact/signals';

interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

/** Asks whether the page is to be installed; undefined where that is not possible, or done. The browser says so once, soon after the page was loaded. */
export const install = signal<(() => void) | undefined>(undefined);

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  install.value = () => {
    install.value = undefined;
    void (event as InstallEvent).prompt();
  };
});
addEventListener('appinstalled', () => {
  install.value = undefined;
});
