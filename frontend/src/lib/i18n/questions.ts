// What is said where questions wait.
import { add } from './index.ts';
import words from './questions.json' with { type: 'json' };

add(words);
