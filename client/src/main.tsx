import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { createCarillon } from './app/carillon.js';
import { keepPage } from './app/kept-page.js';
import { language, speak } from './words/language.js';
// After all others, whose rules it takes back.
import './styles/print.css';

// Whole: the browser would look for it anew beside each page that it is led to.
const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
icon?.setAttribute('href', icon.href);

speak(language.get());

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App carillon={createCarillon()} />
  </StrictMode>,
);

if (import.meta.env.PROD) keepPage();
