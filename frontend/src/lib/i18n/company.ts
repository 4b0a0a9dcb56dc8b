// What is said about the sign-in of a company.
import { add } from './index.ts';
import words from './company.json' with { type: 'json' };

add(words);
