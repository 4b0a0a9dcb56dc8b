// What is said where people say more of themselves.
import { add } from './index.ts';
import words from './profile.json' with { type: 'json' };

add(words);
