// What is said about how an account is guarded.
import { add } from './index.ts';
import words from './security.json' with { type: 'json' };

add(words);
