// What is said about reading and showing things elsewhere.
import { add } from './index.ts';
import words from './outward.json' with { type: 'json' };

add(words);
