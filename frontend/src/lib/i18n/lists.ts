// What only those read who look at feeds, or keep some.
import { add } from './index.ts';
import words from './lists.json' with { type: 'json' };

add(words);
