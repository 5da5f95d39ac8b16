import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { createCarillon } from './app/carillon.js';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App carillon={createCarillon()} />
  </StrictMode>,
);
