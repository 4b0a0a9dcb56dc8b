// What only those read who make a group or change it.
import { add } from './index.ts';
import words from './groups.json' with { type: 'json' };

add(words);
