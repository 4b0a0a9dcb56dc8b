// What only editors say, wherever something is written.
import { add } from './index.ts';
import words from './writing.json' with { type: 'json' };

add(words);
