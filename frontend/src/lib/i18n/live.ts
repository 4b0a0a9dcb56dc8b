// What only those read in whose thread something happens.
import { add } from './index.ts';
import words from './live.json' with { type: 'json' };

add(words);
