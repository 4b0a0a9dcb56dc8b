// What only those read who look at what they are writing.
import { add } from './index.ts';
import words from './drafts.json' with { type: 'json' };

add(words);
