// What only who writes of an event reads.
import { add } from './index.ts';
import words from './events.json' with { type: 'json' };

add(words);
