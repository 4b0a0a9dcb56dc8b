// What is said where people follow people.
import { add } from './index.ts';
import words from './following.json' with { type: 'json' };

add(words);
