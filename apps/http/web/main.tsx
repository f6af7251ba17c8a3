import { render } from 'preact';
import { App } from './app.tsx';
import { takeToken } from './sign-in/fragment.ts';

const root = document.getElementById('page');
if (root !== null) render(<App token={takeToken(location, history)} />, root);
