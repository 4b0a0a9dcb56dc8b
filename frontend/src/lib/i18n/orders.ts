// What only those read who look at lists of posts.
import { add } from './index.ts';
import words from './orders.json' with { type: 'json' };

add(words);
