// What is said above every page to those whose account is not whole.
import { add } from './index.ts';
import words from './standing.json' with { type: 'json' };

add(words);
