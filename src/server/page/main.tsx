import { render } from 'preact';
import { App } from './app.js';
import { pageSettings } from './browser/page-settings.js';
import { applyTheme } from './browser/theme.js';
import { setTimeZone } from './browser/time-zone.js';

applyTheme();
setTimeZone(pageSettings().timeZone);
const root = document.getElementById('app');
if (root) render(<App />, root);
