// What only those read who look at what something said before.
import { add } from './index.ts';
import words from './history.json' with { type: 'json' };

add(words);
