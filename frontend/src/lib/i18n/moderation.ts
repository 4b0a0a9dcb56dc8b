// What only those say who look after a group or the server, and the log of it.
import { add } from './index.ts';
import words from './moderation.json' with { type: 'json' };

add(words);
