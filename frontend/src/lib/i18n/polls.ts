// What only a poll says that is open before somebody.
import { add } from './index.ts';
import words from './polls.json' with { type: 'json' };

add(words);
