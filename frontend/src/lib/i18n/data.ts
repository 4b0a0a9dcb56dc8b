// What is said about taking one's own along, and about leaving.
import { add } from './index.ts';
import words from './data.json' with { type: 'json' };

add(words);
