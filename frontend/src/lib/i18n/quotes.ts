// What is said where something is quoted.
import { add } from './index.ts';
import words from './quotes.json' with { type: 'json' };

add(words);
