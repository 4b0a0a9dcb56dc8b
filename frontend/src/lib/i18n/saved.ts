// What only those read who look at what they saved.
import { add } from './index.ts';
import words from './saved.json' with { type: 'json' };

add(words);
